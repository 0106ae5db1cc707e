// What a reader throws when stored bytes can't be read or are not what they must be. Readers sit
// below loops that can do nothing about it; the one catch-all around a request turns it into a 500
// with the error's type. Opening a segment, sealing, merging and every write path return Results
// instead.
#pragma once

#include <exception>
#include <string>
#include <utility>

#include "base/error.h"

namespace stratalog::index {

class SegmentFault : public std::exception {
 public:
  explicit SegmentFault(Error error) : error_(std::move(error)) {}
  const Error& error() const { return error_; }
  const char* what() const noexcept override { return error_.reason.c_str(); }

 private:
  Error error_;
};

}  // namespace stratalog::index
