// What every FileSystem promises, for the real one and the simulated one; and what only the real
// one can show.
#include "storage/fs.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "storage/sim_fs.h"
#include "tests/storage/temp_folder.h"

using namespace stratalog;
using namespace stratalog::storage;

namespace {

struct Place {
  test::TempFolder temp;
  SimFs sim;
  FileSystem* fs = nullptr;
  std::string folder;

  explicit Place(bool real) : fs(real ? &real_file_system() : &sim), folder(temp / "a/b") {
    REQUIRE(fs->create_folders(folder).ok());
  }
  std::string operator/(const std::string& name) const { return folder + "/" + name; }
  void write(const std::string& name, const std::string& bytes) const {
    const auto file = fs->create(*this / name);
    REQUIRE(file.ok());
    REQUIRE((*file)->append(bytes).ok());
    REQUIRE((*file)->close().ok());
  }
  std::string read(const std::string& name) const {
    const auto bytes = fs->read_file(*this / name);
    return bytes ? *bytes : "error: " + bytes.error().reason;
  }
};

}  // namespace

TEST_CASE("file system: files are written, read, renamed, linked, cut, listed and removed") {
  for (const bool real : {true, false}) {
    const Place at(real);
    at.write("one", "first");
    CHECK(at.read("one") == "first");
    at.write("one", "again");
    CHECK(at.read("one") == "again");

    const auto file = at.fs->create(at / "parts");
    const std::string big(3 << 20, 'x');
    const std::vector<std::string_view> parts{"a", "", big, "z"};
    REQUIRE((*file)->append_parts(parts).ok());
    REQUIRE((*file)->append_parts({}).ok());
    REQUIRE((*file)->sync().ok());
    CHECK(at.read("parts") == "a" + big + "z");

    REQUIRE(at.fs->rename(at / "one", at / "two").ok());
    CHECK(!at.fs->exists(at / "one"));
    REQUIRE(at.fs->link(at / "two", at / "three").ok());
    CHECK(!at.fs->link(at / "two", at / "three").ok());
    CHECK(at.read("three") == "again");
    CHECK(*at.fs->list(at.folder) == std::vector<std::string>{"parts", "three", "two"});
    REQUIRE(at.fs->truncate(at / "three", 2).ok());
    CHECK(at.read("two") == "ag");
    REQUIRE(at.fs->remove(at / "two").ok());
    CHECK(at.read("three") == "ag");
    CHECK(at.fs->sync_folder(at.folder).ok());
  }
}

TEST_CASE("file system: reads stop at the end of the file") {
  for (const bool real : {true, false}) {
    const Place at(real);
    at.write("f", "0123456789");
    const auto file = at.fs->open(at / "f");
    REQUIRE(file.ok());
    CHECK(*(*file)->size() == 10);
    CHECK(*(*file)->read(3, 4) == "3456");
    CHECK(*(*file)->read(8, 100) == "89");
    CHECK((*file)->read(10, 1)->empty());
    CHECK((*file)->read(1000, UINT64_MAX)->empty());
  }
}

TEST_CASE("file system: reserved space does not change the size of a file") {
  for (const bool real : {true, false}) {
    const Place at(real);
    const auto file = at.fs->create(at / "f");
    REQUIRE((*file)->allocate(1 << 20).ok());
    REQUIRE((*file)->append("abc").ok());
    CHECK(at.read("f") == "abc");
  }
}

TEST_CASE("file system: what is missing is an error that names the path") {
  for (const bool real : {true, false}) {
    const Place at(real);
    const std::string path = at / "missing";
    const std::vector<Status> failed{
        at.fs->remove(path),
        at.fs->rename(path, at / "x"),
        at.fs->link(path, at / "x"),
        at.fs->truncate(path, 0),
        at.fs->sync_folder(path),
        at.fs->open(path) ? Status() : at.fs->open(path).error(),
        at.fs->list(path) ? Status() : at.fs->list(path).error(),
        at.fs->create(path + "/x") ? Status() : at.fs->create(path + "/x").error(),
    };
    for (const Status& status : failed) {
      REQUIRE(!status.ok());
      CHECK(status.error().type == error_types::kIo);
      CHECK(status.error().reason.find(path) != std::string::npos);
      CHECK(!is_disk_full(status.error()));
    }
  }
}

TEST_CASE("file system: folders are made with their parents, and again") {
  for (const bool real : {true, false}) {
    const Place at(real);
    CHECK(at.fs->create_folders(at / "x/y/z").ok());
    CHECK(at.fs->create_folders(at / "x/y/z").ok());
    CHECK(*at.fs->list(at / "x") == std::vector<std::string>{"y"});
    at.write("file", "");
    CHECK(!at.fs->create_folders(at / "file").ok());
  }
}

TEST_CASE("file system: a lock is held by one, until it is given back") {
  for (const bool real : {true, false}) {
    const Place at(real);
    auto first = at.fs->lock(at / "lock");
    REQUIRE(first.ok());
    const auto second = at.fs->lock(at / "lock");
    REQUIRE(!second.ok());
    CHECK(second.error().type == error_types::kIllegalState);
    first->reset();
    CHECK(at.fs->lock(at / "lock").ok());
  }
}

TEST_CASE("file system: write_file replaces a file") {
  for (const bool real : {true, false}) {
    const Place at(real);
    for (const auto* text : {"first", "a second, longer one", ""}) {
      REQUIRE(at.fs->write_file(at / "f", text).ok());
      CHECK(at.read("f") == text);
    }
    CHECK(*at.fs->list(at.folder) == std::vector<std::string>{"f"});
  }
}

TEST_CASE("file system: the space of a disk") {
  for (const bool real : {true, false}) {
    const Place at(real);
    const auto space = at.fs->space(at.folder);
    REQUIRE(space.ok());
    CHECK(space->available_bytes > 0);
    CHECK(space->available_bytes <= space->total_bytes);
  }
}

TEST_CASE("real file system: files and folders are their owner's only, and closed to children") {
  const Place at(true);
  const auto file = at.fs->create(at / "f");
  struct stat info{};
  REQUIRE(::stat((at / "f").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  REQUIRE(::stat(at.folder.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0700);
  int checked = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    if (std::filesystem::read_symlink(entry.path(), gone) != at / "f") continue;
    CHECK((::fcntl(std::stoi(entry.path().filename().string()), F_GETFD) & FD_CLOEXEC) != 0);
    ++checked;
  }
  CHECK(checked == 1);
}

TEST_CASE("real file system: a full disk is told in the error") {
  if (!std::filesystem::exists("/dev/full")) return;
  const auto file = real_file_system().create("/dev/full");
  if (!file) return;  // not ours to open
  const Status written = (*file)->append("x");
  REQUIRE(!written.ok());
  CHECK(is_disk_full(written.error()));
}

TEST_CASE("io error: quota counts as a full disk, a missing file does not") {
  CHECK(is_disk_full(io_error("cannot write", "f", ENOSPC)));
  CHECK(is_disk_full(io_error("cannot write", "f", EDQUOT)));
  CHECK(!is_disk_full(io_error("cannot write", "f", ENOENT)));
  CHECK(io_error("cannot open", "f", ENOENT).reason ==
        "cannot open [f]: No such file or directory");
}

TEST_CASE("folder_of") {
  CHECK(folder_of("a/b") == "a");
  CHECK(folder_of("a") == ".");
  CHECK(folder_of("/a") == "/");
  CHECK(folder_of("/") == "/");
}
