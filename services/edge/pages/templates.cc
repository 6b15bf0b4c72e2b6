#include "services/edge/pages/templates.h"

#include <cstdio>
#include <cstdlib>
#include <ctemplate/template.h>
#include <utility>

#include "services/edge/embed.h"

THROUGHLINE_EMBED(template_badge, "badge.svg");
THROUGHLINE_EMBED(template_atom, "feed.atom");
THROUGHLINE_EMBED(template_rss, "feed.rss");
THROUGHLINE_EMBED(template_feed_entry, "feed_entry.html");
THROUGHLINE_EMBED(template_history, "history.html");
THROUGHLINE_EMBED(template_layout, "layout.html");
THROUGHLINE_EMBED(template_message, "message.html");
THROUGHLINE_EMBED(template_notice, "notice.html");
THROUGHLINE_EMBED(template_notice_page, "notice_page.html");
THROUGHLINE_EMBED(template_notices, "notices.html");
THROUGHLINE_EMBED(template_order, "order.html");
THROUGHLINE_EMBED(template_subscription, "subscription.html");
THROUGHLINE_EMBED(template_widget, "widget.html");

namespace throughline::edge::pages {
namespace {

struct File {
  std::string_view name;
  std::string_view text;
};

const std::vector<File>& Files() {
  static const auto& files = *new std::vector<File>{
      {"badge.svg", THROUGHLINE_EMBEDDED(template_badge)},
      {"feed.atom", THROUGHLINE_EMBEDDED(template_atom)},
      {"feed.rss", THROUGHLINE_EMBEDDED(template_rss)},
      {"feed_entry.html", THROUGHLINE_EMBEDDED(template_feed_entry)},
      {"history.html", THROUGHLINE_EMBEDDED(template_history)},
      {"layout.html", THROUGHLINE_EMBEDDED(template_layout)},
      {"message.html", THROUGHLINE_EMBEDDED(template_message)},
      {"notice.html", THROUGHLINE_EMBEDDED(template_notice)},
      {"notice_page.html", THROUGHLINE_EMBEDDED(template_notice_page)},
      {"notices.html", THROUGHLINE_EMBEDDED(template_notices)},
      {"order.html", THROUGHLINE_EMBEDDED(template_order)},
      {"subscription.html", THROUGHLINE_EMBEDDED(template_subscription)},
      {"widget.html", THROUGHLINE_EMBEDDED(template_widget)},
  };
  return files;
}

constexpr auto kStrip = ctemplate::STRIP_BLANK_LINES;

// Without it nothing would be escaped.
bool Escapes(std::string_view text) {
  constexpr std::string_view kHtml = "{{%AUTOESCAPE context=\"HTML\"}}", kXml = "{{%AUTOESCAPE context=\"XML\"}}";
  return text.substr(0, kHtml.size()) == kHtml || text.substr(0, kXml.size()) == kXml;
}

[[noreturn]] void Broken(std::string_view name) {
  std::fprintf(stderr, "the template %.*s cannot be used\n", static_cast<int>(name.size()), name.data());
  std::abort();
}

const ctemplate::TemplateCache& Cache() {
  static const ctemplate::TemplateCache& cache = [&]() -> const ctemplate::TemplateCache& {
    auto* made = new ctemplate::TemplateCache();
    for (const File& file : Files()) {
      const ctemplate::TemplateString name(file.name.data(), file.name.size());
      if (!Escapes(file.text) || !made->StringToTemplateCache(name, {file.text.data(), file.text.size()}, kStrip)) {
        Broken(file.name);
      }
    }
    made->Freeze();  // looks for no files
    return *made;
  }();
  return cache;
}

ctemplate::TemplateString Borrowed(const std::string& text) { return {text.data(), text.size()}; }

void Fill(const Values& values, ctemplate::TemplateDictionary& dictionary) {
  for (const Values::Text& text : values.texts()) dictionary.SetValue(Borrowed(text.name), Borrowed(text.text));
  for (const Values::Part& part : values.parts()) {
    ctemplate::TemplateDictionary* inner = nullptr;
    if (part.file.empty()) {
      inner = dictionary.AddSectionDictionary(Borrowed(part.name));
    } else {
      inner = dictionary.AddIncludeDictionary(Borrowed(part.name));
      inner->SetFilename(Borrowed(part.file));
    }
    Fill(*part.values, *inner);
  }
}

}  // namespace

std::string Render(std::string_view file, const Values& values) {
  ctemplate::TemplateDictionary dictionary("");
  Fill(values, dictionary);
  std::string rendered;
  if (!Cache().ExpandNoLoad({file.data(), file.size()}, kStrip, &dictionary, nullptr, &rendered)) Broken(file);
  return rendered;
}

std::vector<std::string_view> TemplateNames() {
  std::vector<std::string_view> names;
  for (const File& file : Files()) names.push_back(file.name);
  return names;
}

}  // namespace throughline::edge::pages
