#include "storage/fs.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace stratalog::storage {

Status WritableFile::append_parts(std::span<const std::string_view> parts) {
  for (const std::string_view part : parts) RETURN_IF_ERROR(append(part));
  return {};
}

Status FileSystem::write_file(const std::string& path, std::string_view bytes) {
  const std::string temporary = path + ".tmp";
  {
    ASSIGN_OR_RETURN(const std::unique_ptr<WritableFile> file, create(temporary));
    RETURN_IF_ERROR(file->append(bytes));
    RETURN_IF_ERROR(file->sync());
    RETURN_IF_ERROR(file->close());
  }
  RETURN_IF_ERROR(rename(temporary, path));
  return sync_folder(folder_of(path));
}

Result<std::string> FileSystem::read_file(const std::string& path) const {
  ASSIGN_OR_RETURN(const std::unique_ptr<ReadableFile> file, open(path));
  ASSIGN_OR_RETURN(const uint64_t bytes, file->size());
  return file->read(0, bytes);
}

Error io_error(std::string_view action, const std::string& path, int error_number) {
  char text[128];
  std::string reason(action);
  reason.append(" [").append(path).append("]: ").append(
      ::strerror_r(error_number, text, sizeof(text)));
  Error error(error_types::kIo, std::move(reason));
  if (error_number == ENOSPC || error_number == EDQUOT)
    return std::move(error).with("disk_full", "true");
  return error;
}

bool is_disk_full(const Error& error) {
  return std::any_of(error.fields.begin(), error.fields.end(), [](const Error::Field& field) {
    return field.name == "disk_full" && field.value == "true";
  });
}

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace stratalog::storage
