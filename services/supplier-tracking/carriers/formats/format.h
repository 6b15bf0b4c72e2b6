#pragma once

// One row per format that can be read (formats.cc). The tool's help, the tests and the documents follow these rows.

#include <string_view>
#include <vector>

#include "services/supplier-tracking/carriers/formats/draft.h"

namespace throughline::supplier {

struct Format {
  enum class Syntax { kJson, kXml, kX12 };

  const char* name;    // for instance `ups-track-alert`
  const char* party;   // a partner with this id may push it; the carrier, unless the payload names others
  const char* sender;  // who sends it, for people
  const char* holds;   // what one payload holds, for people
  Syntax syntax;
  // Tells `payload` about its parcels and scans.
  void (*read)(Payload& payload);
  // Objects beside a scan that are needed to read it again alone; see Payload::Raw.
  std::vector<std::string_view> keep = {};
  // Members of a scan that are large and say nothing about where the parcel is, such as photographs.
  std::vector<std::string_view> drop = {};
};

// All, sorted by name.
const std::vector<Format>& Formats();

// One reader per format or group of formats, each in a file of its name.
void ReadAftership(Payload& payload);
void ReadCanadaPost(Payload& payload);
void ReadDhlExpress(Payload& payload);
void ReadDhlParcelDe(Payload& payload);
void ReadDhlUnified(Payload& payload);
void ReadDpd(Payload& payload);
void ReadEasypostWebhook(Payload& payload);
void ReadEdi214(Payload& payload);
void ReadFedexTrack(Payload& payload);
void ReadGs1Epcis(Payload& payload);
void ReadRoyalMail(Payload& payload);
void ReadShipengine(Payload& payload);
void ReadShippo(Payload& payload);
void ReadUpsTrack(Payload& payload);
void ReadUpsTrackAlert(Payload& payload);
void ReadUspsTrackXml(Payload& payload);
void ReadUspsTrackingV3(Payload& payload);

}  // namespace throughline::supplier
