// A folder of the real file system for one test, removed with everything in it; and small helpers
// on files there.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/ensure.h"

namespace stratalog::test {

class TempFolder {
 public:
  TempFolder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "stratalog-test-XXXXXX").string();
    ENSURE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  // In memory where there is such a place: tests sync often, and a shared disk may take long for
  // each. TMPDIR chooses another.
  static std::filesystem::path base() {
    const std::filesystem::path memory = "/dev/shm";
    const bool chosen = std::getenv("TMPDIR") != nullptr;
    return !chosen && std::filesystem::exists(memory) ? memory
                                                      : std::filesystem::temp_directory_path();
  }

  std::string path_;
};

inline std::string read_bytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

inline void flip_bit(const std::string& path, size_t offset) {
  std::string bytes = read_bytes(path);
  ENSURE(offset < bytes.size());
  bytes[offset] = static_cast<char>(bytes[offset] ^ 4);
  write_bytes(path, bytes);
}

}  // namespace stratalog::test
