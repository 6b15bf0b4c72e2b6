#pragma once

// All commands of the tool, one file per group; main.cc adds them to the App. They share tool.h (global options,
// client, output) and verb.h (an RPC as a command).

#include "CLI/CLI.hpp"

#include "services/throughline/cli/tool.h"

namespace throughline::tool {

void AddOrder(CLI::App& app, Tool& tool);
void AddVendor(CLI::App& app, Tool& tool);
void AddCase(CLI::App& app, Tool& tool);
void AddCustomer(CLI::App& app, Tool& tool);
void AddReport(CLI::App& app, Tool& tool);
void AddLanes(CLI::App& app, Tool& tool);
void AddScorecard(CLI::App& app, Tool& tool);
void AddCheckMessage(CLI::App& app, Tool& tool);
void AddNotice(CLI::App& app, Tool& tool);
void AddWorklist(CLI::App& app, Tool& tool);  // `worklist` and `mine`
void AddWork(CLI::App& app, Tool& tool);
void AddPromise(CLI::App& app, Tool& tool);
void AddCommitment(CLI::App& app, Tool& tool);
void AddHelpRequests(CLI::App& app, Tool& tool);  // `help`
void AddRemedy(CLI::App& app, Tool& tool);
void AddApprove(CLI::App& app, Tool& tool);
void AddEscalation(CLI::App& app, Tool& tool);  // `escalate` and `escalation`
void AddSuggestion(CLI::App& app, Tool& tool);
void AddImprovement(CLI::App& app, Tool& tool);
void AddAvailability(CLI::App& app, Tool& tool);
void AddPerson(CLI::App& app, Tool& tool);
void AddTeam(CLI::App& app, Tool& tool);
void AddToken(CLI::App& app, Tool& tool);
void AddAccess(CLI::App& app, Tool& tool);
void AddAudit(CLI::App& app, Tool& tool);
void AddHealth(CLI::App& app, Tool& tool);
void AddCompletion(CLI::App& app, Tool& tool);
void AddUp(CLI::App& app, Tool& tool);
void AddVerify(CLI::App& app, Tool& tool);
void AddLog(CLI::App& app, Tool& tool);
void AddBench(CLI::App& app, Tool& tool);
void AddTopics(CLI::App& app, Tool& tool);
void AddBackup(CLI::App& app, Tool& tool);
void AddRebuild(CLI::App& app, Tool& tool);
void AddDoctor(CLI::App& app, Tool& tool);

// Those that need only the services' APIs and the data directory's credentials.
inline void AddClientCommands(CLI::App& app, Tool& tool) {
  AddOrder(app, tool);
  AddCase(app, tool);
  AddCustomer(app, tool);
  AddReport(app, tool);
  AddScorecard(app, tool);
  AddLanes(app, tool);
  AddVendor(app, tool);
  AddWorklist(app, tool);
  AddWork(app, tool);
  AddPromise(app, tool);
  AddCommitment(app, tool);
  AddHelpRequests(app, tool);
  AddRemedy(app, tool);
  AddApprove(app, tool);
  AddEscalation(app, tool);
  AddSuggestion(app, tool);
  AddImprovement(app, tool);
  AddAvailability(app, tool);
  AddPerson(app, tool);
  AddTeam(app, tool);
  AddNotice(app, tool);
  AddCheckMessage(app, tool);
  AddToken(app, tool);
  AddAccess(app, tool);
  AddAudit(app, tool);
  AddHealth(app, tool);
  AddCompletion(app, tool);
}

// Parts of larger groups.
void AddOrderShow(CLI::App& order, Tool& tool);
void AddOrderCollect(CLI::App& order, Tool& tool);
void AddOrderDelivery(CLI::App& order, Tool& tool);
void AddOrderChange(CLI::App& order, Tool& tool);
void AddOrderLink(CLI::App& order, Tool& tool);
void AddOrderSerial(CLI::App& order, Tool& tool);
void AddOrderVendorUpdate(CLI::App& order, Tool& tool);
void AddOrderPush(CLI::App& order, Tool& tool);
void AddCaseOwnership(CLI::App& group, Tool& tool);
void AddCaseOptions(CLI::App& group, Tool& tool);
void AddCaseHistory(CLI::App& group, Tool& tool);
void AddCaseSearch(CLI::App& group, Tool& tool);
void AddLogLevel(CLI::App& log, Tool& tool);
void AddPromiseList(CLI::App& group, Tool& tool);

}  // namespace throughline::tool
