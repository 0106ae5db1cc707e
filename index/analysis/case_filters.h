// Lower and upper case, one code point to one, as Java's Character maps them.
#pragma once

#include "index/analysis/chain.h"

namespace stratalog::index {

class LowercaseFilter : public TokenFilter {
 public:
  void apply(TokenBuffer& tokens) const override;
  bool normalizes() const override { return true; }
};

class UppercaseFilter : public TokenFilter {
 public:
  void apply(TokenBuffer& tokens) const override;
  bool normalizes() const override { return true; }
};

}  // namespace stratalog::index
