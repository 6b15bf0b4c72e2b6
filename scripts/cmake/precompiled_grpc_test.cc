// Compiled so that CMake has a target to keep the precompiled headers with.
