// Times of messages in the reader's time zone and the page's language.

export class Calendar {
  // zone: an IANA name; undefined is the zone of the reader's machine
  constructor(language, zone) {
    const format = (options) => new Intl.DateTimeFormat(language, { timeZone: zone, ...options });
    this.times = format({ timeStyle: "short" });
    this.days = format({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
    this.hours = format({ weekday: "long", hour: "numeric", minute: "2-digit" });
    this.moments = format({ dateStyle: "full", timeStyle: "medium" });
  }

  // at: RFC 3339
  time(at) {
    return this.times.format(new Date(at));
  }

  day(at) {
    return this.days.format(new Date(at));
  }

  // Within the next days.
  hour(at) {
    return this.hours.format(new Date(at));
  }

  moment(at) {
    return this.moments.format(new Date(at));
  }
}
