// `throughline person` and `throughline team`: who works here, who stands above whom, who is here now and how much they
// have to do.

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "services/throughline/cli/verb.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/output/table.h"
#include "services/throughline/output/times.h"
#include "services/throughline/output/words.h"
#include "throughline/ownership/v1/commands.pb.h"
#include "throughline/ownership/v1/queries.pb.h"

namespace throughline::tool {
namespace {

// Whether the person can take cases now, in a word or two.
Cell Presence(const ownership::v1::PersonView& person) {
  if (person.deactivated()) return {"deactivated", Style::kAlarm};
  if (person.absent()) return {"absent", Style::kYellow};
  if (person.on_duty()) return {person.available() ? "available, on duty" : "on duty", Style::kPlain};
  return person.available() ? Cell{"available"} : Cell{"away", Style::kDim};
}

std::string Persons(const std::vector<ownership::v1::PersonView>& persons, const Terminal& terminal) {
  Table table({{"PERSON"},
               {"ROLE"},
               {"TEAM"},
               {"NOW"},
               {"OPEN", Column::kWhole, Column::kRight},
               {"OVERDUE", Column::kWhole, Column::kRight},
               {"ABOVE"},
               {"SKILLS", Column::kMayBeCut},
               {"LANGUAGES", Column::kMayBeCut}});
  for (const ownership::v1::PersonView& person : persons) {
    const ownership::v1::PersonProfile& profile = person.profile();
    table.Row({{person.person(), Style::kBold},
               {Word(profile.kind())},
               {profile.team()},
               Presence(person),
               {absl::StrCat(person.open_cases(), profile.capacity() > 0 ? absl::StrCat("/", profile.capacity()) : "")},
               {person.overdue_items() == 0 ? "" : absl::StrCat(person.overdue_items()), Style::kAlarm},
               {person.above(), Style::kDim},
               {absl::StrJoin(profile.skills(), " ")},
               {absl::StrJoin(profile.languages(), " ")}});
  }
  return table.empty() ? "Nobody.\n" : table.Render(terminal);
}

std::string Card(const ownership::v1::PersonView& person, Tool& tool) {
  std::string text = Persons({person}, tool.terminal());
  if (person.deactivated()) absl::StrAppend(&text, "deactivated: ", Clean(person.deactivation_reason()), "\n");
  for (const auto& absence : person.absences()) {
    absl::StrAppend(&text, "absent from ", ShowTime(absence.from(), tool.now()), " until ",
                    ShowTime(absence.until(), tool.now()),
                    absence.reason().empty() ? "" : absl::StrCat(": ", Clean(absence.reason())), " ; absence ",
                    Clean(absence.absence_id()), "\n");
  }
  return text;
}

template <class Req, class Resp>
void PrintDone(Verb<Req, Resp>& verb, const std::string& done) {
  verb.Prints([done](Tool& out, const auto&, const auto& response) {
    out.Print(absl::StrCat(Clean(response.person()), " ", done, "\n"));
  });
}

void AddPersonReads(CLI::App& group, Tool& tool) {
  Verb<ownership::v1::GetPersonRequest, ownership::v1::GetPersonResponse> show(
      group, tool, "show", "A person: role, team, who stands above them, absences, load.",
      "throughline person show ben\nthroughline --as dashboard person show ana --json");
  show.Argument("person", "The person");
  show.Prints([](Tool& out, const auto&, const auto& response) { out.Print(Card(response.person(), out)); });

  Verb<ownership::v1::ListPersonsRequest, ownership::v1::ListPersonsResponse> list(
      group, tool, "list", "The persons, by name.",
      "throughline person list --team care\nthroughline person list --above sam --deactivated");
  list.Option("--team", "team", "Only of this team");
  list.Option("--above", "above", "Only those who stand under this supervisor now");
  list.Option("--deactivated", "include_deactivated", "Also those who are deactivated");
  list.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(Persons({response.persons().begin(), response.persons().end()}, out.terminal()));
  });
}

void AddChange(CLI::App& group, Tool& tool) {
  Verb<ownership::v1::ChangePersonRequest, ownership::v1::ChangePersonResponse> change(
      group, tool, "change",
      "Changes what is known of a person; their role is their credential's. What is not given stays. For supervisors.",
      "throughline --as sam person change ben --team returns --above sam --skill billing --skill returns\n"
      "throughline --as sam person change cleo --capacity 20");
  change.Argument("person", "The person, by the id in their credential");
  change.Option("--team", "team", "Their team");
  change.Option("--above", "reports_to", "The supervisor above them");
  change.Option("--skill", "skills.words", "What they know to do, once per option; replaces all");
  change.Option("--language", "languages.words",
                "A language that they speak, such as de or pt-BR, once per option; replaces all");
  change.Option("--capacity", "capacity",
                "How many open cases they can own before they are given no more; 0: any number");
  change.Option("--reason", "reason", "Why");
  PrintDone(change, "is changed.");
}

void AddAbsence(CLI::App& group, Tool& tool) {
  Verb<ownership::v1::PlanAbsenceRequest, ownership::v1::PlanAbsenceResponse> absent(
      group, tool, "absent", "Plans an absence: no case is given or offered to the person while it lasts.",
      "throughline person absent --until +3d --reason 'training'\n"
      "throughline --as sam person absent --person ben --from 2026-12-24 --until 2027-01-02T08:00:00+01:00");
  absent.Option("--person", "person", "Whose (default: yours; a supervisor may plan anybody's)");
  absent.Option("--from", "from", "From when (default: now)");
  absent.Option("--until", "until", "Until when")->required();
  absent.Option("--reason", "reason", "Why");
  absent.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(
        absl::StrCat("Planned. person ", Clean(response.person()), " absence ", Clean(response.absence_id()), "\n"));
  });

  Verb<ownership::v1::EndAbsenceRequest, ownership::v1::EndAbsenceResponse> back(
      group, tool, "back", "Cancels an absence, or ends it early.", "throughline person back ABSENCE");
  back.Argument("absence_id", "The absence");
  back.Option("--person", "person", "Whose (default: yours)");
  PrintDone(back, "is not absent then any more.");
}

void AddDeactivation(CLI::App& group, Tool& tool) {
  Verb<ownership::v1::DeactivatePersonRequest, ownership::v1::DeactivatePersonResponse> deactivate(
      group, tool, "deactivate",
      "Deactivates a person: what they owe moves at once to the person above them. For supervisors.",
      "throughline --as sam person deactivate ben --reason 'left the company'");
  deactivate.Argument("person", "The person");
  deactivate.Option("--reason", "reason", "Why")->required();
  PrintDone(deactivate, "is deactivated; what they owe moves to the person above them.");

  Verb<ownership::v1::ReactivatePersonRequest, ownership::v1::ReactivatePersonResponse> reactivate(
      group, tool, "reactivate", "Lets a deactivated person own and answer again. For supervisors.",
      "throughline --as sam person reactivate ben --reason 'is back'");
  reactivate.Argument("person", "The person");
  reactivate.Option("--reason", "reason", "Why")->required();
  PrintDone(reactivate, "is active again.");
}

}  // namespace

void AddPerson(CLI::App& app, Tool& tool) {
  CLI::App& group = Group(app, "person", "Persons: who works here, who stands above whom, absences");
  AddPersonReads(group, tool);
  AddChange(group, tool);
  AddAbsence(group, tool);
  AddDeactivation(group, tool);
}

void AddTeam(CLI::App& app, Tool& tool) {
  Verb<ownership::v1::ListPersonsRequest, ownership::v1::ListPersonsResponse> team(
      app, tool, "team", "Who is here now, their load, and what is overdue",
      "throughline team\nthroughline --as sam team --above sam\nthroughline team --team care --json");
  team.Option("--team", "team", "Only of this team");
  team.Option("--above", "above", "Only those who stand under this supervisor now");
  team.Prints([](Tool& out, const auto&, const auto& response) {
    out.Print(Persons({response.persons().begin(), response.persons().end()}, out.terminal()));
  });
}

}  // namespace throughline::tool
