#include "bench/log_styles.h"

#include <array>
#include <cinttypes>
#include <cstdio>
#include <ctime>

namespace stratalog::bench {
namespace {

template <typename... Args>
std::string format(const char* pattern, Args... args) {
  std::array<char, 1024> buffer;
  const int bytes = std::snprintf(buffer.data(), buffer.size(), pattern, args...);
  return std::string(buffer.data(), static_cast<size_t>(bytes));
}

constexpr const char* kMethods[] = {"GET", "GET", "GET", "GET", "POST", "PUT", "DELETE"};
constexpr const char* kPaths[] = {"/api/v1/orders/%d",    "/api/v1/orders?page=%d",
                                  "/api/v1/items/%d",     "/api/v2/delivery/%d/track",
                                  "/static/js/app.%d.js", "/health?probe=%d",
                                  "/login?session=%d",    "/api/v1/customers/%d/cart"};
constexpr const char* kAgents[] = {
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/124.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) Mobile/15E148",
    "kube-probe/1.27",
    "curl/8.5.0",
    "okhttp/4.12.0",
    "Go-http-client/1.1",
};
constexpr int kStatuses[] = {200, 200, 200, 200, 200, 200, 201, 204, 301, 304, 400, 404, 404, 500};
constexpr const char* kServices[] = {"order",   "delivery", "payment", "inventory", "customer",
                                     "session", "search",   "mail",    "billing",   "catalog"};
constexpr const char* kErrors[] = {
    "connection refused", "connection reset by peer", "context deadline exceeded", "i/o timeout",
    "no route to host",   "too many open files",      "TLS handshake timeout",     "broken pipe"};
constexpr const char* kClasses[] = {
    "c.e.shop.order.OrderService",       "c.e.shop.order.OrderController",
    "c.e.shop.delivery.RoutePlanner",    "c.e.shop.payment.GatewayClient",
    "o.s.web.servlet.DispatcherServlet", "o.h.engine.jdbc.spi.SqlExceptionHelper",
    "o.apache.kafka.clients.Fetcher",    "com.zaxxer.hikari.pool.HikariPool",
};
constexpr const char* kThreads[] = {"main", "http-nio-8080-exec", "scheduling", "kafka-consumer"};
constexpr const char* kExceptions[] = {
    "java.lang.IllegalStateException",
    "java.net.SocketTimeoutException",
    "java.util.concurrent.TimeoutException",
    "org.springframework.dao.DataIntegrityViolationException",
};
constexpr const char* kFrames[] = {
    "c.e.shop.order.OrderService.place(OrderService.java:%d)",
    "c.e.shop.order.OrderController.create(OrderController.java:%d)",
    "o.s.aop.framework.CglibAopProxy.invokeMethod(CglibAopProxy.java:%d)",
    "o.s.web.servlet.FrameworkServlet.service(FrameworkServlet.java:%d)",
    "o.apache.catalina.core.ApplicationFilterChain.doFilter(ApplicationFilterChain.java:%d)",
    "java.base/java.util.concurrent.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java:%d)",
    "java.base/java.lang.Thread.run(Thread.java:%d)",
};

int number(Random& random, int64_t high) { return static_cast<int>(random.between(1, high)); }

std::string address(Random& random) {
  return format("10.%d.%d.%d", number(random, 9), number(random, 250), number(random, 250));
}

LogLine nginx(int64_t epoch_ms, Random& random) {
  const std::string path = format(random.of(kPaths), number(random, 200000));
  const int status = random.of(kStatuses);
  const std::time_t seconds = epoch_ms / 1000;
  std::tm parts;
  gmtime_r(&seconds, &parts);
  std::array<char, 40> when;
  std::strftime(when.data(), when.size(), "%d/%b/%Y:%H:%M:%S +0000", &parts);
  std::string line =
      format("%s - - [%s] \"%s %s HTTP/1.1\" %d %d \"-\" \"%s\" rt=%.3f\n", address(random).c_str(),
             when.data(), random.of(kMethods), path.c_str(), status, number(random, 90000),
             random.of(kAgents), static_cast<double>(random.skewed(9000)) / 1000);
  return {std::move(line), status >= 500};
}

LogLine spring(int64_t epoch_ms, Random& random) {
  const bool failed = random.chance(0.08);
  const std::string when = iso_time(epoch_ms);
  std::string line = format("%s %s 1 --- [%s-%d] %-40s : ", when.c_str(),
                            failed ? "ERROR" : (random.chance(0.1) ? " WARN" : " INFO"),
                            random.of(kThreads), number(random, 20), random.of(kClasses));
  if (failed && random.chance(0.6)) {
    line += format("Request %s failed\n%s: order %d: %s\n", random.uuid().c_str(),
                   random.of(kExceptions), number(random, 500000), random.of(kErrors));
    const int64_t depth = random.between(4, 7);
    for (int64_t i = 0; i < depth; ++i) {
      line += "\tat " + format(random.of(kFrames), number(random, 900)) + "\n";
    }
    return {std::move(line), true};
  }
  if (failed) {
    line += format("Could not reach %s-service: %s after %d ms\n", random.of(kServices),
                   random.of(kErrors), number(random, 30000));
  } else {
    line +=
        format("Completed request %s for customer %d in %d ms, %d items\n", random.uuid().c_str(),
               number(random, 80000), static_cast<int>(random.skewed(5000)), number(random, 30));
  }
  return {std::move(line), failed};
}

LogLine klog(int64_t epoch_ms, Random& random) {
  static constexpr const char* kSources[] = {"controller.go", "reflector.go", "kubelet.go",
                                             "proxier.go", "leaderelection.go"};
  const bool failed = random.chance(0.06);
  const std::string when = iso_time(epoch_ms);
  std::string line =
      format("%c%s%s %s.%06d       1 %s:%d] ", failed ? 'E' : 'I', when.substr(5, 2).c_str(),
             when.substr(8, 2).c_str(), when.substr(11, 8).c_str(), number(random, 999999),
             random.of(kSources), number(random, 900));
  line += failed ? format("Failed to watch *v1.Pod: %s; retrying in %d s\n", random.of(kErrors),
                          number(random, 60))
                 : format(
                       "\"Reconciled object\" namespace=\"%s\" name=\"%s-%d\" generation=%d "
                       "duration=\"%d.%03dms\"\n",
                       random.of(kServices), random.of(kServices), number(random, 400),
                       number(random, 60), number(random, 300), number(random, 999));
  return {std::move(line), failed};
}

LogLine logfmt(int64_t epoch_ms, Random& random) {
  const bool failed = random.chance(0.07);
  std::string line =
      format("time=%s level=%s caller=server.go:%d component=%s ", iso_time(epoch_ms).c_str(),
             failed ? "error" : "info", number(random, 700), random.of(kServices));
  line += failed ? format("msg=\"upstream request failed\" err=\"dial tcp %s:%d: %s\"",
                          address(random).c_str(), number(random, 60000), random.of(kErrors))
                 : format("msg=\"request completed\" method=%s status=%d bytes=%d",
                          random.of(kMethods), random.of(kStatuses), number(random, 60000));
  line += format(" duration=%dms trace_id=%s\n", static_cast<int>(random.skewed(8000)),
                 random.hex(32).c_str());
  return {std::move(line), failed};
}

LogLine python(int64_t epoch_ms, Random& random) {
  const bool failed = random.chance(0.06);
  const std::string when = iso_time(epoch_ms);
  std::string line = format("%s %s,%s %s [%s.worker:%d] ", when.substr(0, 10).c_str(),
                            when.substr(11, 8).c_str(), when.substr(20, 3).c_str(),
                            failed ? "ERROR" : "DEBUG", random.of(kServices), number(random, 300));
  line += failed ? format("task %s[%s] raised unexpected: %s(%d)\n", random.of(kServices),
                          random.uuid().c_str(), random.chance(0.5) ? "KeyError" : "TimeoutError",
                          number(random, 99999))
                 : format("Task %s.sync[%s] succeeded in %d.%09ds: {'rows': %d, 'skipped': %d}\n",
                          random.of(kServices), random.uuid().c_str(),
                          static_cast<int>(random.skewed(40)), number(random, 999999999),
                          number(random, 5000), number(random, 50));
  return {std::move(line), failed};
}

LogLine json(int64_t epoch_ms, Random& random) {
  const bool failed = random.chance(0.05);
  std::string line = format(
      "{\"ts\":\"%s\",\"level\":\"%s\",\"service\":\"%s\",\"msg\":\"%s\",\"order_id\":%d,"
      "\"amount\":%d.%02d,\"currency\":\"EUR\",\"trace\":\"%s\"}\n",
      iso_time(epoch_ms).c_str(), failed ? "error" : "info", random.of(kServices),
      failed ? random.of(kErrors) : "payment accepted", number(random, 500000), number(random, 900),
      number(random, 99), random.hex(16).c_str());
  return {std::move(line), failed};
}

LogLine prose(int64_t, Random& random) {
  static constexpr const char* kSubjects[] = {
      "The scheduler",         "Worker",         "Cache", "Replica",
      "The garbage collector", "Consumer group", "Leader"};
  static constexpr const char* kVerbs[] = {
      "started compaction of partition",   "finished snapshot",   "rebalanced shard",
      "evicted stale entries from bucket", "is waiting for lock", "lost contact with broker"};
  std::string line = format("%s %s %d; %d entries remain, next run in %d seconds (attempt %d)\n",
                            random.of(kSubjects), random.of(kVerbs), number(random, 3000),
                            number(random, 100000), number(random, 600), number(random, 5));
  return {std::move(line), false};
}

LogLine russian(int64_t, Random& random) {
  static constexpr const char* kLines[] = {
      "Заказ №%d принят, сумма %d руб., доставка завтра до %d:00\n",
      "Не удалось списать оплату по заказу %d: недостаточно средств, попытка %d из %d\n",
      "Курьер %d забрал отправление %d, осталось адресов: %d\n",
  };
  std::string line =
      format(random.of(kLines), number(random, 500000), number(random, 9000), number(random, 22));
  const bool failed = line.starts_with("Не");
  return {std::move(line), failed};
}

LogLine japanese(int64_t, Random& random) {
  static constexpr const char* kLines[] = {
      "注文 %d を受け付けました。合計 %d 円、商品 %d 点\n",
      "決済サービスへの接続がタイムアウトしました (注文 %d, %d ms, 再試行 %d)\n",
      "ユーザー %d がログインしました。セッション %d、端末 %d\n",
  };
  std::string line =
      format(random.of(kLines), number(random, 500000), number(random, 90000), number(random, 9));
  const bool failed = line.starts_with("決");
  return {std::move(line), failed};
}

}  // namespace

LogLine make_line(LogStyle style, int64_t epoch_ms, Random& random) {
  switch (style) {
    case LogStyle::kNginx:
      return nginx(epoch_ms, random);
    case LogStyle::kSpring:
      return spring(epoch_ms, random);
    case LogStyle::kKlog:
      return klog(epoch_ms, random);
    case LogStyle::kLogfmt:
      return logfmt(epoch_ms, random);
    case LogStyle::kPython:
      return python(epoch_ms, random);
    case LogStyle::kJson:
      return json(epoch_ms, random);
    case LogStyle::kProse:
      return prose(epoch_ms, random);
    case LogStyle::kRussian:
      return russian(epoch_ms, random);
    case LogStyle::kJapanese:
      return japanese(epoch_ms, random);
  }
  return {};
}

std::string iso_time(int64_t epoch_ms) {
  const std::time_t seconds = epoch_ms / 1000;
  std::tm parts;
  gmtime_r(&seconds, &parts);
  return format("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900, parts.tm_mon + 1,
                parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                static_cast<int>(epoch_ms % 1000));
}

}  // namespace stratalog::bench
