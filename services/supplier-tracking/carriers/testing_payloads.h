#pragma once

// The sample payloads of testdata/. Tests run in the project's root.

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

#include "libs/files/whole_file.h"

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
  for (const auto& [folder, format] : std::vector<std::pair<std::string, std::string>>{
           {"ups", "ups-track-alert"}, {"usps", "usps-tracking-v3"}, {"easypost", "easypost-webhook"}}) {
    std::vector<std::string> names;
    for (const auto& file :
         std::filesystem::directory_iterator("services/supplier-tracking/carriers/testdata/" + folder)) {
      if (file.path().extension() != ".expected") names.push_back(folder + "/" + file.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
      all.push_back({format, "services/supplier-tracking/carriers/testdata/" + name, Payload(name)});
    }
  }
  return all;
}

}  // namespace throughline::supplier
