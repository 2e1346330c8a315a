/** The link to a host is broken, or its agent has ended. What runs there ends by itself. */
export class HostLost extends Error {
  readonly host: string;
  readonly reason: string;

  constructor(host: string, reason: string) {
    super(`the link to ${host} is broken: ${reason}`);
    this.name = 'HostLost';
    this.host = host;
    this.reason = reason;
  }
}
