/** java.net.URLEncoder, URLDecoder and the parts of java.net.URL. */

const utf8 = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** In UTF-8, a blank as `+` (application/x-www-form-urlencoded). */
export const urlEncoded = (text: string): string =>
  text.replace(/[^A-Za-z0-9.*_-]+/g, (run) =>
    Array.from(utf8.encode(run.replace(/\p{Surrogate}/gu, '?')), (byte) => (byte === 0x20 ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)).join(''),
  );

/** Null where a `%` is not followed by two hex digits. */
export function urlDecoded(text: string): string | null {
  if (/%(?![\da-fA-F]{2})/.test(text)) return null;
  return text.replaceAll('+', ' ').replace(/(?:%[\da-fA-F]{2})+/g, (run) => {
    const bytes = Uint8Array.from(run.slice(1).split('%'), (digits) => Number.parseInt(digits, 16));
    return decoder.decode(bytes);
  });
}

/** The parts of a URL, as the getters of java.net.URL give them. */
export interface JavaUrl {
  readonly PROTOCOL: string;
  readonly AUTHORITY: string | null;
  readonly USERINFO: string | null;
  readonly HOST: string;
  readonly PATH: string;
  readonly QUERY: string | null;
  /** Path and query. */
  readonly FILE: string;
  readonly REF: string | null;
}

/** Protocols that every Java has a handler for; the URL of another one is refused. */
const PROTOCOLS = new Set(['http', 'https', 'ftp', 'file', 'jar', 'mailto']);

/** Null for what the constructor of java.net.URL refuses. */
export function javaUrl(text: string): JavaUrl | null {
  const [, protocol = '', rest = ''] = /^(?:url:)?([A-Za-z][A-Za-z0-9+.-]*):(.*)$/is.exec(text.trim()) ?? [];
  if (!PROTOCOLS.has(protocol.toLowerCase())) return null;
  const hash = rest.indexOf('#');
  const [beforeRef, ref] = hash < 0 ? [rest, null] : [rest.slice(0, hash), rest.slice(hash + 1)];
  const mark = beforeRef.indexOf('?');
  const [hierarchy, query] = mark < 0 ? [beforeRef, null] : [beforeRef.slice(0, mark), beforeRef.slice(mark + 1)];
  const [, authority = null, path = ''] = /^(?:\/\/([^/]*))?(.*)$/s.exec(hierarchy) ?? [];
  const server = serverOf(authority);
  if (server === null) return null;
  return { PROTOCOL: protocol.toLowerCase(), AUTHORITY: authority, ...server, PATH: path, QUERY: query, FILE: query === null ? path : `${path}?${query}`, REF: ref };
}

/** `user:password@host:port`; the port must be a number. */
function serverOf(authority: string | null): Pick<JavaUrl, 'USERINFO' | 'HOST'> | null {
  if (authority === null) return { USERINFO: null, HOST: '' };
  const at = authority.indexOf('@');
  const [userInfo, server] = at < 0 ? [null, authority] : [authority.slice(0, at), authority.slice(at + 1)];
  const [, host, port = ''] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(server) ?? [];
  return host === undefined || !/^\d*$/.test(port) ? null : { USERINFO: userInfo, HOST: host };
}
