#pragma once

// Files that are part of the program. The assembler finds them in the folders that CMakeLists.txt names. Only for
// sources.
//
//   THROUGHLINE_EMBED(page_style, "page.css");
//   std::string_view style = THROUGHLINE_EMBEDDED(page_style);

// clang-format off
#define THROUGHLINE_EMBED(symbol, file)                      \
  asm(".pushsection .rodata\n"                               \
      ".global throughline_" #symbol "\n"                    \
      "throughline_" #symbol ":\n"                           \
      ".incbin \"" file "\"\n"                               \
      ".global throughline_" #symbol "_end\n"                \
      "throughline_" #symbol "_end:\n"                       \
      ".byte 0\n"                                            \
      ".popsection\n");                                      \
  extern "C" const char throughline_##symbol[], throughline_##symbol##_end[]
#define THROUGHLINE_EMBEDDED(symbol) std::string_view(throughline_##symbol, throughline_##symbol##_end)
// clang-format on
