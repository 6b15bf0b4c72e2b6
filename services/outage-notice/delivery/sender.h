#pragma once

// Sends what is due, on threads of its own: some for mails, some for webhooks, so that slow endpoints hold up no mail.
// For each attempt it first begins the delivery, by a command on the subscriber's stream: of all senders one wins. It
// sends the message, and settles the delivery by another command. If it ends in between, the delivery is begun again
// once its lease is over, with the same id: that one message may come twice.
//
//   Sender sender(streams, config);   // until it is destroyed
//
// Nothing is sent on the engine's thread, and no address is logged. A thread looks for secrets that have changed, so
// that the log says what holds even if nothing is sent.

#include <functional>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"

#include "libs/runtime/streams.h"
#include "services/outage-notice/delivery/config.h"
#include "services/outage-notice/delivery/curl.h"
#include "services/outage-notice/delivery/transport.h"

namespace throughline::outage {

using MakeTransport = std::function<std::unique_ptr<Transport>(v1::SubscriberChannel channel, const GiveUp& give_up)>;

class Sender {
 public:
  // `streams` must outlive it, and answer until it is destroyed. `make`: called once by each thread.
  Sender(runtime::Streams& streams, DeliveryConfig config, MakeTransport make);
  Sender(runtime::Streams& streams, const DeliveryConfig& config);
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;
  // Gives what is being sent five seconds.
  ~Sender();

 private:
  using Begun = std::shared_ptr<const v1::SubscriberState>;

  void Run(v1::SubscriberChannel channel);
  void FollowSecrets();
  void Deliver(const DueDelivery& due, Transport& transport);
  // Null: it is not to be sent by us.
  Begun Begin(const DueDelivery& due);
  SendResult Send(const DueDelivery& due, const v1::SubscriberState& state, Transport& transport);
  void Settle(const DueDelivery& due, const SendResult& result);
  std::optional<v1::NoticeUpdateMessage> WhatIsTold(const v1::SubscriberState::Delivery& delivery);
  // Gives the command until it is accepted or refused. nullopt: it was refused, or the sender ends.
  template <typename Command>
  std::optional<runtime::Outcome<Subscriber>> Do(const std::string& subscriber_id, const Command& command,
                                                 const std::string& command_id);

  runtime::Streams& streams_;
  const DeliveryConfig config_;
  const MakeTransport make_;
  GiveUp give_up_;
  absl::Notification ending_;
  std::vector<std::thread> threads_;
};

}  // namespace throughline::outage
