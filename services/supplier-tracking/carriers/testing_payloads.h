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

// Format and content of each.
inline std::vector<std::pair<std::string, std::string>> AllPayloads() {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& [folder, format] : std::vector<std::pair<std::string, std::string>>{
           {"ups", "ups-track-alert"}, {"usps", "usps-tracking-v3"}, {"easypost", "easypost-webhook"}}) {
    std::vector<std::string> names;
    for (const auto& file :
         std::filesystem::directory_iterator("services/supplier-tracking/carriers/testdata/" + folder)) {
      names.push_back(folder + "/" + file.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) all.emplace_back(format, Payload(name));
  }
  return all;
}

}  // namespace throughline::supplier
