#include "services/edge/http/head.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace throughline::edge::http {
namespace {

using ::testing::StrEq;
using State = HeadScan::State;

TEST(Head, EndsAtTheFirstEmptyLine) {
  constexpr std::string_view kHead = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_EQ(ScanHead(kHead.substr(0, kHead.size() - 1)).state, State::kMore);
  const HeadScan scan = ScanHead("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /next");
  EXPECT_EQ(scan.state, State::kComplete);
  EXPECT_EQ(scan.bytes, kHead.size());
}

TEST(Head, IsRefusedWhereReadersDiffer) {
  const auto why = [](std::string_view head) {
    const HeadScan scan = ScanHead(head);
    return std::string(scan.state == State::kBad ? scan.why : "");
  };
  EXPECT_EQ(why("GET / HTTP/1.1\n"), "a line that ends without a carriage return");
  EXPECT_EQ(why("GET / HTTP/1.1\r\nA: b\nC: d\r\n"), "a line that ends without a carriage return");
  EXPECT_EQ(why("GET / HTTP/1.1\r\nA: b\r\rc\r\n"), "a carriage return without a line feed");
  EXPECT_EQ(why("GET / HTTP/1.1\r\nA: b\r\n folded\r\n"), "a folded header line");
  EXPECT_EQ(why("GET / HTTP/1.1\r\n\tA: b\r\n"), "a folded header line");
  EXPECT_EQ(why("GET / HTTP/1.1\r\nContent-Length : 1\r\n"), "a header line without a name and a colon");
  EXPECT_EQ(why("GET / HTTP/1.1\r\n: 1\r\n"), "a header line without a name and a colon");
  EXPECT_EQ(why("GET / HTTP/1.1\r\nA\r\n"), "a header line without a name and a colon");
  EXPECT_EQ(why(std::string_view("GET / HTTP/1.1\r\nA: \0\r\n", 22)), "a NUL in the head");
  EXPECT_EQ(why("\r\n"), "an empty request line");
  EXPECT_EQ(why("GET / HTTP/1.1\r\nA: b, c\r\nD:\r\n\r\n"), "");
}

const char* Framing(const std::vector<std::pair<std::string, std::string>>& fields, bool http_1_0 = false) {
  Headers headers;
  for (const auto& [name, value] : fields) headers.Add(name, value);
  return CheckFraming(headers, http_1_0);
}

TEST(Framing, HasOneMeaningOnly) {
  EXPECT_EQ(Framing({{"Host", "a"}}), nullptr);
  EXPECT_EQ(Framing({{"Host", "a"}, {"Content-Length", "12"}}), nullptr);
  EXPECT_EQ(Framing({{"Host", "a"}, {"Transfer-Encoding", "Chunked"}}), nullptr);
  EXPECT_EQ(Framing({}, true), nullptr);
  EXPECT_THAT(Framing({{"Host", "a"}, {"content-length", "1"}, {"Transfer-Encoding", "chunked"}}),
              StrEq("both Content-Length and Transfer-Encoding"));
  EXPECT_THAT(Framing({{"Host", "a"}, {"Content-Length", "1"}, {"Content-Length", "1"}}),
              StrEq("more than one Content-Length"));
  EXPECT_THAT(Framing({{"Host", "a"}, {"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}}),
              StrEq("more than one Transfer-Encoding"));
  for (const char* length : {"", "+1", "-1", "1, 1", "0x1", "1 1", "9999999999999999999999"}) {
    EXPECT_THAT(Framing({{"Host", "a"}, {"Content-Length", length}}), StrEq("a Content-Length that is not a number"));
  }
  for (const char* coding : {"gzip", "gzip, chunked", "chunked, identity", "xchunked", ""}) {
    EXPECT_THAT(Framing({{"Host", "a"}, {"Transfer-Encoding", coding}}),
                StrEq("a Transfer-Encoding other than chunked"));
  }
  EXPECT_THAT(Framing({{"Transfer-Encoding", "chunked"}}, true), StrEq("Transfer-Encoding in HTTP/1.0"));
  EXPECT_THAT(Framing({}), StrEq("not exactly one Host"));
  EXPECT_THAT(Framing({{"Host", "a"}, {"Host", "b"}}), StrEq("not exactly one Host"));
}

TEST(Query, IsDecoded) {
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(ParseQuery("a=1&b=%7B%22x%22%3A+1%7d&c&=d&&a=2"),
            (Pairs{{"a", "1"}, {"b", "{\"x\": 1}"}, {"c", ""}, {"", "d"}, {"a", "2"}}));
  EXPECT_EQ(ParseQuery("a=%2"), std::nullopt);
  EXPECT_EQ(ParseQuery("a=%xy"), std::nullopt);
}

}  // namespace
}  // namespace throughline::edge::http
