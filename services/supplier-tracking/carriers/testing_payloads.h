#pragma once

// The sample payloads of testdata/. Tests run in the project's root.

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gtest/gtest.h"

#include "libs/files/whole_file.h"
#include "services/supplier-tracking/carriers/formats/format.h"

namespace throughline::supplier {

// For instance `ups/direct-2-pickup.json`.
inline std::string Payload(const std::string& name) {
  const auto payload = files::ReadFile("services/supplier-tracking/carriers/testdata/" + name);
  EXPECT_TRUE(payload) << name << ": run the test in the project's root";
  return payload.value_or("");
}

struct TestPayload {
  std::string format;
  std::string path;
  std::string body;
};

// All of testdata/, by format and name.
inline std::vector<TestPayload> AllPayloads() {
  std::vector<TestPayload> all;
  for (const Format& format : Formats()) {
    const std::string folder = "services/supplier-tracking/carriers/testdata/" + std::string(format.name) + "/";
    std::vector<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
      if (file.path().extension() != ".expected") names.push_back(file.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
      const auto payload = files::ReadFile(folder + name);
      all.push_back({format.name, folder + name, payload.value_or("")});
    }
  }
  return all;
}

// A payload of judged/, with what a careful person expects of it; see judged_test.cc.
struct Judged {
  std::string name;
  std::vector<std::string> expected;  // a line for each scan
  std::string payload;
};

inline std::vector<Judged> ReadJudged(const std::string& format) {
  const auto text = files::ReadFile(absl::StrCat("services/supplier-tracking/carriers/judged/", format, ".txt"));
  EXPECT_TRUE(text) << format << ": run the test in the project's root";
  std::vector<Judged> all;
  for (absl::string_view line : absl::StrSplit(text.value_or(""), '\n', absl::SkipEmpty())) {
    if (absl::ConsumePrefix(&line, "### ")) {
      all.push_back({std::string(line), {}, ""});
    } else if (absl::ConsumePrefix(&line, "= ")) {
      all.back().expected.emplace_back(line);
    } else {
      EXPECT_EQ(all.back().payload, "") << format << ", " << all.back().name;
      all.back().payload = std::string(line);
    }
  }
  return all;
}

}  // namespace throughline::supplier
