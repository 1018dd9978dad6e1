#include <map>

#include "api/notify/alertmanager_payload.h"
#include "api/notify/signature.h"
#include "api/notify/webhook_payload.h"
#include "gtest/gtest.h"

namespace firebreak {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1764000000);

OutgoingAlert Alert(std::string pair, std::optional<absl::Time> ends_at = std::nullopt) {
  OutgoingAlert alert;
  alert.labels = {{"alertname", "ErrorBudgetBurn"}, {"service", "shop"}, {"tier", "t\"1"}, {"pair", pair}};
  alert.annotations = {{"summary", "all of " + pair}, {"runbook_url", "http://r/"}};
  alert.starts_at = kStart;
  alert.ends_at = ends_at;
  alert.generator_url = "http://x/" + pair;
  return alert;
}

std::map<std::string, std::string> HeadersOf(const HttpPost& request) {
  return {request.headers.begin(), request.headers.end()};
}

TEST(AlertmanagerPayloadTest, BodyIsTheApisArray) {
  const HttpPost request =
      AlertmanagerRequest(*ParseUrl("http://am:9093/prefix/"),
                          {Alert("fast"), Alert("slow", kStart + absl::Minutes(3))}, kStart + absl::Minutes(4));
  EXPECT_EQ(request.url.path, "/prefix/api/v2/alerts");
  EXPECT_EQ(HeadersOf(request)["Content-Type"], "application/json");
  EXPECT_EQ(request.body,
            R"([{"labels":{"alertname":"ErrorBudgetBurn","pair":"fast","service":"shop","tier":"t\"1"},)"
            R"("annotations":{"runbook_url":"http://r/","summary":"all of fast"},)"
            R"("startsAt":"2025-11-24T16:00:00Z","endsAt":"2025-11-24T16:04:00Z","generatorURL":"http://x/fast"},)"
            R"({"labels":{"alertname":"ErrorBudgetBurn","pair":"slow","service":"shop","tier":"t\"1"},)"
            R"("annotations":{"runbook_url":"http://r/","summary":"all of slow"},)"
            R"("startsAt":"2025-11-24T16:00:00Z","endsAt":"2025-11-24T16:03:00Z","generatorURL":"http://x/slow"}])");
}

TEST(WebhookPayloadTest, BodyIsAlertmanagersVersion4) {
  const WebhookMessage message{"oncall", "http://x", {Alert("slow", kStart + absl::Minutes(3)), Alert("fast")}};
  const std::string fast = Alert("fast").labels.FingerprintHex();
  const std::string slow = Alert("slow").labels.FingerprintHex();
  EXPECT_EQ(
      WebhookBody(message),
      R"({"receiver":"oncall","status":"firing","alerts":[)"
      R"({"status":"firing","labels":{"alertname":"ErrorBudgetBurn","pair":"fast","service":"shop","tier":"t\"1"},)"
      R"("annotations":{"runbook_url":"http://r/","summary":"all of fast"},"startsAt":"2025-11-24T16:00:00Z",)"
      R"("endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://x/fast","fingerprint":")" +
          fast +
          R"("},)"
          R"({"status":"resolved","labels":{"alertname":"ErrorBudgetBurn","pair":"slow","service":"shop","tier":"t\"1"},)"
          R"("annotations":{"runbook_url":"http://r/","summary":"all of slow"},"startsAt":"2025-11-24T16:00:00Z",)"
          R"("endsAt":"2025-11-24T16:03:00Z","generatorURL":"http://x/slow","fingerprint":")" +
          slow +
          R"("}],)"
          R"("groupLabels":{"alertname":"ErrorBudgetBurn","service":"shop","tier":"t\"1"},)"
          R"("commonLabels":{"alertname":"ErrorBudgetBurn","service":"shop","tier":"t\"1"},)"
          R"("commonAnnotations":{"runbook_url":"http://r/"},"externalURL":"http://x","version":"4",)"
          R"("groupKey":"{}:{alertname=\"ErrorBudgetBurn\", service=\"shop\", tier=\"t\\\"1\"}","truncatedAlerts":0})");
}

TEST(WebhookPayloadTest, StatusIsResolvedWhenAllAre) {
  const WebhookMessage message{"r", "", {Alert("a", kStart), Alert("b", kStart)}};
  EXPECT_NE(WebhookBody(message).find(R"("receiver":"r","status":"resolved")"), std::string::npos);
}

TEST(WebhookPayloadTest, AGroupLabelThatIsMissingIsLeftOut) {
  EXPECT_EQ(GroupKey(GroupLabels({{"alertname", "Watchdog"}, {"service", "s"}, {"severity", "none"}})),
            R"({}:{alertname="Watchdog", service="s"})");
}

TEST(WebhookPayloadTest, AlertsStandInAlertmanagersOrder) {
  OutgoingAlert few, lacks, has;
  few.labels = {{"z", "1"}};
  lacks.labels = {{"b", "1"}, {"c", "1"}};
  has.labels = {{"a", "9"}, {"c", "1"}};
  const std::string body = WebhookBody({"r", "", {has, lacks, few}});
  const size_t at_few = body.find(few.labels.FingerprintHex());
  const size_t at_lacks = body.find(lacks.labels.FingerprintHex());
  const size_t at_has = body.find(has.labels.FingerprintHex());
  EXPECT_LT(at_few, at_lacks);
  EXPECT_LT(at_lacks, at_has);
}

TEST(WebhookPayloadTest, BytesThatAreNoUtf8DoNoHarm) {
  OutgoingAlert alert = Alert("fast");
  alert.labels.Set("endpoint", "/\xff\xfe");
  EXPECT_NE(WebhookBody({"r", "", {alert}}).find("/\uFFFD\uFFFD"), std::string::npos);
}

TEST(WebhookPayloadTest, TheIdempotencyKeyFollowsTheContent) {
  const WebhookMessage message{"r", "", {Alert("a"), Alert("b")}};
  const std::string key = IdempotencyKey(message);
  EXPECT_EQ(key.size(), 32);

  WebhookMessage retry{"r", "", {Alert("b"), Alert("a")}};
  retry.alerts[0].annotations.Set("summary", "fresher numbers");
  EXPECT_EQ(IdempotencyKey(retry), key);

  WebhookMessage reminder = message;
  reminder.repetition = 1;
  EXPECT_NE(IdempotencyKey(reminder), key);

  WebhookMessage resolved = message;
  resolved.alerts[0].ends_at = kStart;
  EXPECT_NE(IdempotencyKey(resolved), key);

  WebhookMessage later = message;
  later.alerts[0].starts_at += absl::Milliseconds(1);
  EXPECT_NE(IdempotencyKey(later), key);
}

TEST(WebhookPayloadTest, TheBodyIsSignedWhenThereIsASecret) {
  const WebhookMessage message{"r", "", {Alert("a")}};
  const Url url = *ParseUrl("http://h/hook");
  const HttpPost signed_request = WebhookRequest(url, message, "key", kStart);
  EXPECT_EQ(HeadersOf(signed_request)["X-Firebreak-Signature"], SignBody("key", kStart, signed_request.body));
  EXPECT_EQ(HeadersOf(signed_request)["User-Agent"], "firebreak");
  EXPECT_EQ(HeadersOf(WebhookRequest(url, message, "", kStart)).count("X-Firebreak-Signature"), 0);
}

// Expected value: `printf '1764000000.hello' | openssl dgst -sha256 -hmac key`.
TEST(SignatureTest, IsHmacSha256OverTimeAndBody) {
  EXPECT_EQ(SignBody("key", kStart + absl::Milliseconds(900), "hello"),
            "t=1764000000,v1=1c3d1cd70a8314955f003226a25a5c20ecf741f0418e6812323f5e89a20f88f2");
}

// Expected value: FIPS 180-2, appendix B.1.
TEST(SignatureTest, Sha256IsTheStandards) {
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace firebreak
