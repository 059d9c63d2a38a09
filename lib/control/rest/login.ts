/** How a page comes to know the token: its user types it once, and the browser keeps a cookie that scripts cannot read. */
import { Content } from './content.ts';
import { WRONG_TOKEN } from './gate.ts';
import { route, type Route } from './route.ts';
import { object, text } from './shape.ts';

const TYPE = 'application/json; charset=UTF-8';

export const LOGIN_ROUTES: readonly Route[] = [
  route({ method: 'POST', path: '/sluice/v1/login', summary: 'Gives a cookie to whoever knows the token; a server without one gives none.', isOpen: true }, object({ token: text }), object({}), async ({ token }, { body, origin }) => {
    if (token === null) return {};
    return token.matches(body.token) ? new Content(TYPE, '{}', { 'set-cookie': token.cookie(origin) }) : WRONG_TOKEN;
  }),
  route({ method: 'POST', path: '/sluice/v1/logout', summary: 'Takes the cookie away.', isOpen: true }, object({}), object({}), async ({ token }) =>
    token === null ? {} : new Content(TYPE, '{}', { 'set-cookie': token.noCookie() }),
  ),
];
