// Phrases: terms at fixed distances, or near each other (slop).
#pragma once

#include <string>
#include <vector>

#include "query/exec/segment_query.h"

namespace stratalog::query {

// Terms that may stand at one place of a phrase, relative to its begin.
using PhraseTerm = PlanVisitor::PhraseTerm;

// Rows where the phrase occurs; scored as Lucene's PhraseQuery and MultiPhraseQuery: the frequency
// is the number of occurrences, with slop the sum of 1 / (1 + distance). `prefix` terms expand to
// at most `expansions_max` terms.
PlanPtr phrase_plan(const IndexContext& index, std::string path, std::vector<PhraseTerm> terms,
                    uint32_t slop, uint32_t expansions_max, float boost, bool scores);

}  // namespace stratalog::query
