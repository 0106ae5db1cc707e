# Third-party libraries, all from Debian, as targets named pkg_<name>. Static where Debian has an archive.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(OpenSSL REQUIRED)

function(stratalog_package name)
  add_library(pkg_${name} INTERFACE)
  target_link_libraries(pkg_${name} INTERFACE ${ARGN})
endfunction()

# A library's archive if there is one and it can be used here, else its shared form.
function(stratalog_archive variable name)
  find_library(LIB_${name} NAMES lib${name}.a ${name} REQUIRED)
  set(${variable} ${LIB_${name}} PARENT_SCOPE)
endfunction()

foreach(name rocksdb zstd lz4 snappy bz2 z deflate re2 stemmer yaml-cpp jemalloc)
  stratalog_archive(archive_${name} ${name})
endforeach()
stratalog_package(rocksdb ${archive_rocksdb} ${archive_snappy} ${archive_bz2} ${archive_z} ${archive_lz4}
  ${archive_zstd} Threads::Threads dl)
stratalog_package(zstd ${archive_zstd})
stratalog_package(lz4 ${archive_lz4})
stratalog_package(deflate ${archive_deflate})
stratalog_package(zlib ${archive_z})
stratalog_package(re2 ${archive_re2} Threads::Threads)
stratalog_package(stemmer ${archive_stemmer})
stratalog_package(yaml ${archive_yaml-cpp})
stratalog_package(openssl OpenSSL::SSL OpenSSL::Crypto)
stratalog_package(simdjson simdjson)
stratalog_package(cctz cctz)
stratalog_package(jemalloc ${archive_jemalloc} dl)
