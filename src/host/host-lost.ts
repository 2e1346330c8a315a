/** Thrown when a host can no longer be asked: its agent has ended or the link to it is broken. */
export class HostLost extends Error {
  override readonly name = 'HostLost';
  readonly host: string;
  readonly reason: string;

  constructor(host: string, reason: string) {
    super(`${host} is lost: ${reason}`);
    this.host = host;
    this.reason = reason;
  }
}
