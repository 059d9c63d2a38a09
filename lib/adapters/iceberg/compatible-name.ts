/** Names as Avro takes them, which is how Iceberg's own writers spell them; readers go by field ids. */
export function compatibleName(name: string): string {
  const text = name.replaceAll(/[^A-Za-z0-9_]/gu, (c) => `_x${(c.codePointAt(0) ?? 0).toString(16).toUpperCase()}`);
  return /^[0-9]/.test(text) ? `_${text}` : text;
}
