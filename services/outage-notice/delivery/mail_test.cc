#include "services/outage-notice/delivery/mail.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace throughline::outage {
namespace {

using ::testing::HasSubstr;

Mail AMail() {
  Mail mail;
  mail.from = "status@example.com";
  mail.from_name = "Example, Inc.";
  mail.to = "kim@example.org";
  mail.subject = "Resolved: Paying fails";
  mail.text = "You can pay again.\n";
  mail.id = "D1";
  mail.thread = "N1";
  mail.date = absl::FromUnixSeconds(1772366400);
  mail.leave_url = "https://status.example.com/subscriptions/leave?token=s.t";
  return mail;
}

TEST(Mail, HasTheHeadersOfAMessageThatOneCanLeaveByOneClick) {
  EXPECT_EQ(Compose(AMail()),
            "From: \"Example, Inc.\"\r\n <status@example.com>\r\n"
            "To: kim@example.org\r\n"
            "Subject: Resolved: Paying fails\r\n"
            "Date: Sun, 01 Mar 2026 12:00:00 +0000\r\n"
            "Message-ID: <D1@example.com>\r\n"
            "References: <N1@example.com>\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "List-Id: <notices.example.com>\r\n"
            "List-Unsubscribe: \r\n <https://status.example.com/subscriptions/leave?token=s.t>\r\n"
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n"
            "\r\n"
            "You can pay again.\r\n");
}

TEST(Mail, NoHeaderCanBeAddedByATitle) {
  Mail mail = AMail();
  mail.subject = "x\r\nBcc: all@example.com";
  mail.from_name = "a\"\r\nBcc: b";
  for (const absl::string_view line : absl::StrSplit(Compose(mail), "\r\n")) {
    EXPECT_FALSE(absl::StartsWith(line, "Bcc")) << line;
  }
}

TEST(Mail, LinesAreShortEndWithCrlfAndDoNotBeginWithADot) {
  Mail mail = AMail();
  mail.subject = absl::StrCat(std::string(300, 'x'), " \xf0\x9f\x94\xa5 ", std::string(100, 'y'));
  mail.text = absl::StrCat(std::string(1000, 'z'), "\n.\n..\nFrom here\n", "G\xc3\xbcltig = ja \n\ttab\t\n");
  const std::string composed = Compose(mail);
  for (size_t i = 0; i < composed.size(); ++i) {
    EXPECT_LT(static_cast<unsigned char>(composed[i]), 0x80) << i;
    if (composed[i] == '\n') {
      ASSERT_GT(i, 0u);
      EXPECT_EQ(composed[i - 1], '\r') << i;
    }
  }
  for (const absl::string_view line : absl::StrSplit(composed, "\r\n")) {
    EXPECT_LE(line.size(), 76u) << line;
    EXPECT_FALSE(absl::StartsWith(line, ".")) << line;
    EXPECT_FALSE(absl::EndsWith(line, " ") && !absl::StartsWith(line, "List-Unsubscribe:")) << line;
  }
  EXPECT_THAT(composed, HasSubstr("G=C3=BCltig =3D ja=20\r\n"));
}

TEST(Mail, AnEncodedWordDividesNoCharacter) {
  std::string subject;
  for (int i = 0; i < 40; ++i) subject.append("\xe2\x82\xac");
  for (const absl::string_view word : absl::StrSplit(EncodeHeader(subject, 9), "\r\n ")) {
    EXPECT_LE(word.size(), 75u);
    EXPECT_TRUE(absl::StartsWith(word, "=?UTF-8?B?") && absl::EndsWith(word, "?=")) << word;
    EXPECT_EQ((word.size() - 12) % 4, 0u) << word;
  }
}

}  // namespace
}  // namespace throughline::outage
