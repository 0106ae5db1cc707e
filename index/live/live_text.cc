#include "index/live/live_text.h"

#include <algorithm>

#include "index/norms.h"

namespace stratalog::index {

namespace {

// Tokens ahead of the one in work whose slot, then whose entry, is asked for.
constexpr size_t kAhead = 12;
constexpr size_t kSoon = 6;

uint32_t bounded_position(uint32_t base, uint64_t further) {
  return static_cast<uint32_t>(std::min<uint64_t>(base + further, kPositionMax));
}

}  // namespace

LiveText::LiveText(Arena& arena, Options options, const LiveOrdinals* sibling)
    : options_(std::move(options)),
      sibling_(sibling),
      table_(arena),
      derived_(sibling != nullptr) {}

void LiveText::commit(RowId row, TokenBuffer& tokens) {
  const bool shared = sibling_ != nullptr && pending_.size() == 1 &&
                      sibling_->last_was_only(row, pending_[0].data());
  uint32_t unit_id = kNoUnit;
  if (shared) {
    const uint32_t value = sibling_->last_id();
    while (unit_of_value_.size() <= value) unit_of_value_.push_back(kNoUnit);
    if (unit_of_value_[value] == kNoUnit) unit_of_value_[value] = analyze_unit(pending_, tokens);
    unit_id = unit_of_value_[value];
  } else {
    if (derived_) stop_deriving();
    unit_id = analyze_unit(pending_, tokens);
  }
  commit_known(row, unit_id);
  pending_.clear();
}

void LiveText::commit_known(RowId row, uint32_t unit_id) {
  // Derived as long as each entry of the sibling is an entry here: a row that only the sibling has
  // ends it.
  if (derived_ && sibling_->entries().present_rows != present_rows_ + 1) stop_deriving();
  if (!derived_) unit_of_row_.add(row, unit_id);
  Unit& u = units_[unit_id];
  TermTable::add_one(u.row_count);
  ++present_rows_;
  if (u.term_count > 0) ++term_rows_;
  sum_doc_freq_ += u.term_count;
  sum_total_term_freq_ += u.token_count;
  last_unit_ = unit_id;
}

void LiveText::stop_deriving() {
  // The sibling's entries up to the last committed row were ours too; later ones are not.
  const EntrySnapshot<uint32_t> entries = sibling_->entries();
  for (uint32_t i = 0; i < present_rows_; ++i) {
    unit_of_row_.add(entries.row(i), unit_of_value_[entries.value(i)]);
  }
  derived_ = false;
}

uint32_t LiveText::analyze_unit(std::span<const std::string_view> texts, TokenBuffer& tokens) {
  const Analyzer& analyzer =
      options_.analyzer != nullptr ? *options_.analyzer : standard_analyzer();
  const uint32_t unit_id = static_cast<uint32_t>(units_.size());
  Unit u{static_cast<uint32_t>(stream_.size()), 0, 0, 0, 0, 0};
  uint32_t next = 0;    // the position that a token has without a step word
  uint32_t base = 0;    // position of the current text's start
  uint32_t length = 0;  // as norms count it: tokens that take a position of their own
  for (const std::string_view text : texts) {
    analyzer.analyze(text, tokens);
    // Slots of the table are seldom in a cache: they are fetched some tokens ahead.
    const auto all = tokens.tokens();
    hashes_.resize(all.size());
    for (size_t i = 0; i < std::min(kAhead, all.size()); ++i) {
      hashes_[i] = TermTable::hash(all[i].text);
      table_.prefetch_slot(hashes_[i]);
    }
    for (size_t i = 0; i < all.size(); ++i) {
      if (i + kAhead < all.size()) {
        hashes_[i + kAhead] = TermTable::hash(all[i + kAhead].text);
        table_.prefetch_slot(hashes_[i + kAhead]);
      }
      if (i + kSoon < all.size()) table_.prefetch_found(hashes_[i + kSoon]);
      const Token& token = all[i];
      const uint32_t id = table_.find_or_add(token.text, hashes_[i]);
      TermTable::Tally& tally = table_.tally(id);
      if (tally.last != unit_id) {
        tally.last = unit_id;
        TermTable::add_one(tally.places);
        ++u.term_count;
      }
      TermTable::add_one(tally.total);
      const uint32_t position = bounded_position(base, token.position);
      if (position != next) stream_.push_back(kStepFlag | (position + 1 - next));
      if (u.token_count == 0 || position + 1 != next) ++length;
      stream_.push_back(id);
      next = position + 1;
      ++u.token_count;
    }
    base =
        bounded_position(base, uint64_t{tokens.position_count()} + options_.position_increment_gap);
  }
  u.words = static_cast<uint32_t>(stream_.size()) - u.start;
  u.norm = u.token_count == 0 ? kNormOfEmpty : encode_norm(length);
  units_.push_back(u);
  return unit_id;
}

size_t LiveText::bytes() const {
  return table_.bytes() + stream_.bytes() + units_.bytes() + unit_of_value_.bytes() +
         unit_of_row_.bytes();
}

std::shared_ptr<const TermOrder> LiveText::order(uint32_t count) const {
  const std::lock_guard lock(order_mutex_);
  if (order_ != nullptr && order_->id_of_rank.size() == count) return order_;
  if (order_ != nullptr && order_->id_of_rank.size() > count)
    return make_order(table_, count, nullptr);
  order_ = make_order(table_, count, order_.get());
  return order_;
}

LiveText::Snapshot LiveText::snapshot() const {
  Snapshot s{this,
             unit_of_row_.snapshot(),
             derived_ ? sibling_->entries() : EntrySnapshot<uint32_t>{},
             derived_,
             static_cast<uint32_t>(units_.size()),
             table_.size(),
             present_rows_,
             term_rows_,
             sum_doc_freq_,
             sum_total_term_freq_};
  // Rows that only the sibling got since the last commit are not ours.
  if (derived_) s.sibling_of_rows.count = present_rows_;
  return s;
}

}  // namespace stratalog::index
