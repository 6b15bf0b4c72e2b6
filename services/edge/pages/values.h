#pragma once

// What a template is filled with: texts, as they are, and parts that stand there any number of times.
//
//   Values page;
//   page.Set("TITLE", notice.title());                         // {{TITLE}}
//   for (...) page.Add("COMPONENT").Set("NAME", name);         // {{#COMPONENT}} ... {{NAME}} ... {{/COMPONENT}}
//   if (overdue) page.Add("OVERDUE");
//   page.Include("HISTORY", "history.html").Set(...);          // {{>HISTORY}}
//
// A text that a part does not have is looked up in what is around it; an included template sees nothing of that. One
// thread.

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace throughline::edge::pages {

class Values {
 public:
  struct Text {
    std::string name, text;
  };
  struct Part {
    std::string name;
    std::string file;  // of the included template; empty: a section
    std::unique_ptr<Values> values;
  };

  // Control characters, which neither HTML nor XML may have, are left out, except line ends and tabs.
  Values& Set(std::string_view name, std::string_view text) {
    std::string kept;
    kept.reserve(text.size());
    for (const char c : text) {
      if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') kept.push_back(c);
    }
    texts_.push_back({std::string(name), std::move(kept)});
    return *this;
  }
  // The section once more. Its values live as long as this object.
  Values& Add(std::string_view section) { return AddPart(section, ""); }
  Values& Include(std::string_view name, std::string_view file) { return AddPart(name, file); }
  // A section with this one text, under the section's own name; nothing if it is empty.
  void SetIfAny(std::string_view name, std::string_view text) {
    if (!text.empty()) Add(name).Set(name, text);
  }

  const std::vector<Text>& texts() const { return texts_; }
  const std::vector<Part>& parts() const { return parts_; }

 private:
  Values& AddPart(std::string_view name, std::string_view file) {
    parts_.push_back({std::string(name), std::string(file), std::make_unique<Values>()});
    return *parts_.back().values;
  }

  std::vector<Text> texts_;
  std::vector<Part> parts_;
};

}  // namespace throughline::edge::pages
