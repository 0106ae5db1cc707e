#include "storage/data_folder.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace stratalog::storage {

namespace {

constexpr std::string_view kFormatPrefix = "stratalog data folder, format ";

std::optional<uint32_t> parse_format(std::string_view text) {
  if (!text.starts_with(kFormatPrefix) || !text.ends_with('\n')) return std::nullopt;
  const std::string_view digits =
      text.substr(kFormatPrefix.size(), text.size() - kFormatPrefix.size() - 1);
  uint32_t format = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), format);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return format;
}

}  // namespace

Status DiskReserve::create() {
  if (present()) return {};
  const std::string new_path = path_ + ".new";
  const auto fill = [&]() -> Status {
    ASSIGN_OR_RETURN(const std::unique_ptr<WritableFile> file, fs_.create(new_path));
    RETURN_IF_ERROR(file->allocate(bytes_));
    RETURN_IF_ERROR(file->sync());
    return file->close();
  };
  Status filled = fill();
  if (!filled) {
    if (fs_.exists(new_path))
      static_cast<void>(fs_.remove(new_path));  // the first error is the one to tell
    return filled;
  }
  RETURN_IF_ERROR(fs_.rename(new_path, path_));
  return fs_.sync_folder(folder_of(path_));
}

Status DiskReserve::release() {
  if (!present()) return {};
  RETURN_IF_ERROR(fs_.remove(path_));
  return fs_.sync_folder(folder_of(path_));
}

DataFolder::DataFolder(FileSystem& fs, std::string path, std::unique_ptr<FileLock> lock,
                       uint64_t reserve_bytes)
    : fs_(fs),
      path_(std::move(path)),
      lock_(std::move(lock)),
      reserve_(fs, path_ + "/reserve", reserve_bytes) {}

Result<std::unique_ptr<DataFolder>> DataFolder::open(FileSystem& fs, const std::string& path) {
  RETURN_IF_ERROR(fs.create_folders(path));
  auto lock = fs.lock(path + "/lock");
  if (!lock) {
    if (lock.error().type != error_types::kIllegalState) return lock.error();
    return Error(error_types::kIllegalState,
                 "data folder [" + path + "] is in use by another process");
  }
  ASSIGN_OR_RETURN(const DiskSpace space, fs.space(path));
  const uint64_t reserve_bytes = std::min(kDiskReserveBytes, space.total_bytes / kDiskReserveShare);
  std::unique_ptr<DataFolder> folder(new DataFolder(fs, path, std::move(*lock), reserve_bytes));
  RETURN_IF_ERROR(folder->check_format());
  RETURN_IF_ERROR(fs.create_folders(folder->store_folder()));
  RETURN_IF_ERROR(fs.create_folders(folder->translog_folder()));
  return folder;
}

Status DataFolder::check_format() {
  const std::string format_path = path_ + "/format";
  if (!fs_.exists(format_path)) {
    if (fs_.exists(store_folder()) || fs_.exists(translog_folder())) {
      return Error(error_types::kCorruption,
                   "data folder [" + path_ + "] has data but no file [format]");
    }
    return fs_.write_file(format_path,
                          std::string(kFormatPrefix) + std::to_string(kDataFolderFormat) + "\n");
  }
  ASSIGN_OR_RETURN(const std::string text, fs_.read_file(format_path));
  const std::optional<uint32_t> format = parse_format(text);
  if (!format) return Error(error_types::kCorruption, "file [" + format_path + "] names no format");
  if (*format == kDataFolderFormat) return {};
  return Error(error_types::kIllegalState,
               "data folder [" + path_ + "] has format " + std::to_string(*format) +
                   ", this version of stratalog only reads and writes format " +
                   std::to_string(kDataFolderFormat));
}

}  // namespace stratalog::storage
