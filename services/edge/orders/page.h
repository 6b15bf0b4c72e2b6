#pragma once

// The page of an order as HTML, from what its customer may read. Pure; any thread.

#include <string>
#include <vector>

#include "throughline/ownership/v1/views.pb.h"
#include "throughline/supplier/v1/order_page.pb.h"

namespace throughline::edge::orders {

// A solution that was proposed to the customer and that they have not answered.
struct Proposal {
  std::string case_id;
  std::string text;
};

struct PageParts {
  std::string site;  // whose page it is
  std::string secret;
  std::string command;  // makes what is sent from here one command, however often it is sent
  std::string said;  // what the customer has just done: `confirmed`, `rejected`, `missing`, `changed`; empty: nothing
  supplier::v1::GetOrderPageResponse order;
  std::vector<Proposal> proposals;
};

std::string OrderHtml(const PageParts& parts);

}  // namespace throughline::edge::orders
