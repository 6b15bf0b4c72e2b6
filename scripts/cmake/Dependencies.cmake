# Dependencies, all packages of the distribution; scripts/setup installs them. Nothing is vendored or downloaded.
#
# Targets to name in DEPS: absl::status absl::synchronization absl::flat_hash_map ... , protobuf::libprotobuf,
# gRPC::grpc++ gRPC::grpc++_reflection, RocksDB::rocksdb-shared, prometheus-cpp::core,
# spdlog::spdlog, fmt::fmt, CLI11::CLI11, nlohmann_json::nlohmann_json, pugixml::pugixml, tomlplusplus::tomlplusplus,
# OpenSSL::Crypto OpenSSL::SSL, CURL::libcurl, Boost::headers (Asio and Beast), ZLIB::ZLIB, Threads::Threads, benchmark::benchmark,
# rapidcheck, rapidcheck_gtest, PkgConfig::rdkafka PkgConfig::libre2 PkgConfig::ctemplate PkgConfig::icu. Tests link gtest and gmock automatically.

find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CURL 7.88 REQUIRED)
find_package(SQLite3 3.40 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Protobuf 3.21 REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(RocksDB CONFIG REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(fmt CONFIG REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(pugixml CONFIG REQUIRED)
find_package(tomlplusplus CONFIG REQUIRED)
find_package(GTest CONFIG REQUIRED)
find_package(benchmark CONFIG REQUIRED)
find_package(rapidcheck CONFIG REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(rdkafka REQUIRED IMPORTED_TARGET rdkafka>=2.0.2)
pkg_check_modules(libre2 REQUIRED IMPORTED_TARGET re2) # not `re2`: gRPC's own search uses that prefix
# Its `-pthread` would not fit the precompiled headers; Threads::Threads links what is needed.
set_target_properties(PkgConfig::libre2 PROPERTIES INTERFACE_COMPILE_OPTIONS "")
pkg_check_modules(ctemplate REQUIRED IMPORTED_TARGET libctemplate)
# Likewise.
set_target_properties(PkgConfig::ctemplate PROPERTIES INTERFACE_COMPILE_OPTIONS "")
pkg_check_modules(icu REQUIRED IMPORTED_TARGET icu-uc)

# Programs allocate in one thread and free in another; glibc's allocator takes about a quarter of a fold's time for that
# (perf), jemalloc less. Sanitizers have their own allocator.
find_library(TL_ALLOCATOR jemalloc REQUIRED)
