# Writes OUTPUT, a source with the version and the commit, unless it is right already. Run in every build.
#   -DOUTPUT=FILE -DVERSION=0.1.0 -DCOMMIT=HASH (or empty) -DGIT=PROGRAM (or empty) -DSOURCE=DIRECTORY
set(commit "${COMMIT}")
if(NOT commit AND GIT)
  # No tags: always the hash, and a mark if what is built differs from the commit.
  execute_process(COMMAND ${GIT} -C ${SOURCE} describe --always --exclude=* --abbrev=12 --dirty=-changed
    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT [[
// Made by libs/command_line/commit.cmake.
#include "libs/command_line/version.h"

namespace throughline::command_line {

const char kVersion[] = "@VERSION@";
const char kCommit[] = "@commit@";

}  // namespace throughline::command_line
]])
