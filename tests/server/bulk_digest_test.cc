#include "server/bulk_digest.h"

#include <catch2/catch.hpp>
#include <set>

using namespace stratalog::server;

TEST_CASE("bulk digest: equal for equal parts under a key, different for all else") {
  const std::string key = random_digest_key();
  const auto digest = make_bulk_digest(key);
  const std::string body(100'003, 'x');
  const auto wanted = digest->of({"elastic", "/_bulk", "", body});
  CHECK(digest->of({"elastic", "/_bulk", "", body}) == wanted);
  CHECK(make_bulk_digest(key)->of({"elastic", "/_bulk", "", body}) == wanted);

  std::set others{wanted,
                  make_bulk_digest(random_digest_key())->of({"elastic", "/_bulk", "", body})};
  others.insert(digest->of({"elastic/", "_bulk", "", body}));
  others.insert(digest->of({"elastic", "/_bulk", body, ""}));
  others.insert(digest->of({"elastic", "/_bulk", "", body.substr(1)}));
  others.insert(digest->of({"elastic", "/_bulk", "", body + '\0'}));
  others.insert(digest->of({"elastic", "/_bulk", body}));
  others.insert(digest->of({}));
  for (const size_t at : {0UL, 15UL, 16UL, 50'000UL, 100'002UL}) {
    std::string changed = body;
    changed[at] = 'y';
    others.insert(digest->of({"elastic", "/_bulk", "", changed}));
  }
  CHECK(others.size() == 13);
}
