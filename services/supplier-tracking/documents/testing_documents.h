#pragma once

// The sample documents of testdata/, one of each kind. Tests run in the project's root.

#include <string>

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

#include "libs/files/whole_file.h"

namespace throughline::supplier {

inline std::string Document(const std::string& kind) {
  const auto document = files::ReadFile(absl::StrCat("services/supplier-tracking/documents/testdata/", kind, ".json"));
  EXPECT_TRUE(document) << kind << ": run the test in the project's root";
  return document.value_or("");
}

}  // namespace throughline::supplier
