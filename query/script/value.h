// Values of a running script: Java's primitives and references to objects on the run's heap.
//
// Shape   a Value is 16 bytes; objects count their references and go when none is left. Cycles stay
//         until the heap goes.
// Threads one run, one thread.
// Life    no Value outlives the Heap of its object.
// Errors  ScriptFault (query/script/fault.h) when the heap's budget is spent.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "query/script/limits.h"

namespace stratalog::query::script {

enum class Tag : uint8_t {
  kNull,
  kBool,
  kByte,
  kShort,
  kChar,
  kInt,
  kLong,
  kFloat,
  kDouble,
  kObject
};

enum class Class : uint8_t {
  kString,
  kList,
  kArray,
  kDocValues,
  kMap,
  kDoc,
  kSet,
  kMapView,
  kEntry,
  kIterator,
  kStream,
  kOptional,
  kStringBuilder,
  kFunction,
  kPattern,
  kMatcher,
  kDateTime,
  kInstant,
  kDuration,
  kZone,
  kDateFormat,
  kConstant,  // of an enum: DayOfWeek, Month, ChronoUnit
  kException,
  kBigInteger,
};

class Heap;

class Object {
 public:
  virtual ~Object() = default;
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  Class cls() const { return cls_; }
  Heap& heap() const { return *heap_; }
  // Drops all references that it holds.
  virtual void clear() {}

 protected:
  explicit Object(Class cls) : cls_(cls) {}

 private:
  friend class Heap;
  friend class Value;
  const Class cls_;
  uint32_t refs_ = 0;
  uint64_t bytes_ = 0;
  Heap* heap_ = nullptr;
  Object* previous_ = nullptr;
  Object* next_ = nullptr;
};

class Value {
 public:
  Value() = default;
  explicit Value(Object* object) : tag_(Tag::kObject) {
    data_.object = object;
    ++object->refs_;
  }
  Value(const Value& other) : tag_(other.tag_), data_(other.data_) {
    if (tag_ == Tag::kObject) ++data_.object->refs_;
  }
  Value(Value&& other) noexcept : tag_(std::exchange(other.tag_, Tag::kNull)), data_(other.data_) {}
  Value& operator=(const Value& other) {
    Value copy(other);
    swap(copy);
    return *this;
  }
  Value& operator=(Value&& other) noexcept {
    Value moved(std::move(other));
    swap(moved);
    return *this;
  }
  ~Value() {
    if (tag_ == Tag::kObject) release();
  }
  void swap(Value& other) noexcept {
    std::swap(tag_, other.tag_);
    std::swap(data_, other.data_);
  }

  static Value boolean(bool v) { return {Tag::kBool, int64_t{v}}; }
  static Value of_int(int64_t v) { return {Tag::kInt, static_cast<int32_t>(v)}; }
  static Value of_long(int64_t v) { return {Tag::kLong, v}; }
  static Value of_char(uint16_t v) { return {Tag::kChar, int64_t{v}}; }
  static Value of_double(double v) {
    Value out;
    out.tag_ = Tag::kDouble;
    out.data_.real = v;
    return out;
  }
  static Value of_float(float v) {
    Value out = of_double(static_cast<double>(v));
    out.tag_ = Tag::kFloat;
    return out;
  }
  // A whole number in the given type, which it fits.
  static Value whole(Tag tag, int64_t v) { return {tag, v}; }

  Tag tag() const { return tag_; }
  bool is_null() const { return tag_ == Tag::kNull; }
  bool is_bool() const { return tag_ == Tag::kBool; }
  // byte, short, char, int, long
  bool is_whole() const { return tag_ >= Tag::kByte && tag_ <= Tag::kLong; }
  bool is_real() const { return tag_ == Tag::kFloat || tag_ == Tag::kDouble; }
  bool is_number() const { return is_whole() || is_real(); }
  bool is_object() const { return tag_ == Tag::kObject; }
  bool is(Class cls) const { return tag_ == Tag::kObject && data_.object->cls() == cls; }

  bool as_bool() const { return data_.whole != 0; }
  int64_t as_whole() const { return data_.whole; }
  double as_real() const { return data_.real; }
  double to_double() const { return is_real() ? data_.real : static_cast<double>(data_.whole); }
  Object* object() const { return data_.object; }
  template <typename T>
  T& as() const {
    return static_cast<T&>(*data_.object);
  }

 private:
  Value(Tag tag, int64_t v) : tag_(tag) { data_.whole = v; }
  void release();

  Tag tag_ = Tag::kNull;
  union {
    int64_t whole;
    double real;
    Object* object;
  } data_{0};
};

// All objects of one run.
class Heap {
 public:
  explicit Heap(uint64_t bytes_max = kHeapBytesMax) : bytes_max_(bytes_max) {}
  ~Heap();
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;

  template <typename T, typename... Args>
  T& make(Args&&... args) {
    charge(sizeof(T));
    T* object = std::make_unique<T>(std::forward<Args>(args)...).release();  // the list owns it
    object->bytes_ = sizeof(T);
    object->heap_ = this;
    object->next_ = first_;
    if (first_ != nullptr) first_->previous_ = object;
    first_ = object;
    return *object;
  }
  Value string(std::string text);
  // `bytes` more are held by the object, which must be of this heap.
  void grow(Object& object, uint64_t bytes) {
    charge(bytes);
    object.bytes_ += bytes;
  }
  // What is about to be made outside of objects must fit too.
  void check(uint64_t bytes) const;
  uint64_t bytes() const { return bytes_; }

  // Work of the run, in steps: nodes that are evaluated, elements and bytes that are looked at.
  void spend(uint64_t steps) {
    const uint64_t before = steps_;
    steps_ += steps;
    if (before / kAskSteps != steps_ / kAskSteps) ask();
  }
  void restart_steps() { steps_ = 0; }
  // Asked now and then: true ends the run.
  void set_stop(std::function<bool()> stop) { stop_ = std::move(stop); }

 private:
  friend class Value;
  static constexpr uint64_t kAskSteps = 4096;
  void ask() const;
  void charge(uint64_t bytes) {
    check(bytes);
    bytes_ += bytes;
  }
  void free(Object* object);

  const uint64_t bytes_max_;
  uint64_t bytes_ = 0;
  Object* first_ = nullptr;
  std::vector<Object*> freed_;
  bool freeing_ = false;
  uint64_t steps_ = 0;
  std::function<bool()> stop_;
};

inline void Value::release() {
  if (--data_.object->refs_ == 0) data_.object->heap_->free(data_.object);
}

// A text, UTF-8; positions are Java's, in UTF-16 units (query/script/text.h).
class String final : public Object {
 public:
  explicit String(std::string t) : Object(Class::kString), text(std::move(t)) {}
  const std::string text;
  bool ascii() const;

 private:
  mutable int8_t ascii_ = -1;
};

inline bool is_string(const Value& value) { return value.is(Class::kString); }
inline const std::string& text_of(const Value& value) { return value.as<String>().text; }

}  // namespace stratalog::query::script
