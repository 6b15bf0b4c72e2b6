#pragma once

// The sample payloads of testdata/, for tests of this folder. Tests run in the project's root.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace throughline::supplier {

// For instance `ups/direct-2-pickup.json`.
inline std::string Payload(const std::string& name) {
  std::ifstream in("services/supplier-tracking/carriers/testdata/" + name, std::ios::binary);
  EXPECT_TRUE(in) << name << ": run the test in the project's root";
  return std::string(std::istreambuf_iterator<char>(in), {});
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
