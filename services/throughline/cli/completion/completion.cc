// `throughline completion`: prints a shell script that completes this tool's commands.

#include "services/throughline/cli/completion/completion_tree.h"
#include "services/throughline/cli/values.h"
#include "services/throughline/commands/commands.h"

namespace throughline::tool {

void AddCompletion(CLI::App& app, Tool& tool) {
  CLI::App& completion = Command(app, "completion", "Prints a script that makes a shell complete this tool's commands",
                                 "source <(throughline completion bash)\n"
                                 "throughline completion zsh > ~/.zfunc/_throughline\n"
                                 "throughline completion fish > ~/.config/fish/completions/throughline.fish");
  auto shell = std::make_shared<std::string>();
  completion.add_option("shell", *shell, "Which shell")->required()->check(OneOf({"bash", "zsh", "fish"}));
  tool.Does(completion, [&app, &tool, shell]() -> absl::Status {
    tool.Print(CompletionScript(ReadCompletionTree(app), *shell));
    return absl::OkStatus();
  });
}

}  // namespace throughline::tool
