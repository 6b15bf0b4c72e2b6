# What comes from the distribution; scripts/setup installs it. Nothing is vendored, nothing is downloaded.
#
# Targets to name in DEPS: absl::status absl::synchronization absl::flat_hash_map ... , protobuf::libprotobuf,
# gRPC::grpc++ gRPC::grpc++_reflection, RocksDB::rocksdb-shared, prometheus-cpp::core,
# spdlog::spdlog, fmt::fmt, CLI11::CLI11, nlohmann_json::nlohmann_json, tomlplusplus::tomlplusplus, OpenSSL::Crypto OpenSSL::SSL,
# Threads::Threads, benchmark::benchmark, rapidcheck, rapidcheck_gtest, PkgConfig::rdkafka. Tests get gtest and gmock by themselves.

find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Protobuf 3.21 REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(RocksDB CONFIG REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(fmt CONFIG REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(tomlplusplus CONFIG REQUIRED)
find_package(GTest CONFIG REQUIRED)
find_package(benchmark CONFIG REQUIRED)
find_package(rapidcheck CONFIG REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(rdkafka REQUIRED IMPORTED_TARGET rdkafka>=2.0.2)

# Programs allocate from many threads and free in others, which takes glibc's allocator about a quarter
# of a fold's time (perf); jemalloc does it cheaper. Sanitizers bring their own.
find_library(TL_ALLOCATOR jemalloc REQUIRED)
