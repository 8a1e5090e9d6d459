import fs from 'node:fs';
import path from 'node:path';
import { methodsOf, routeOf, ROUTES } from '../../../lib/http/routes';

describe('the routes', () => {
  it('are those that serverless.yml declares', () => {
    const text = fs.readFileSync(path.join(__dirname, '../../../serverless.yml'), 'utf8');
    const declared = [...text.matchAll(/httpApi: ([A-Z]+ \S+)/g)].map(([, route]) => route);
    const listed = ROUTES.flatMap(({ path: at, methods }) => methods.map((m) => `${m} ${at}`));
    expect(new Set(listed)).toEqual(new Set(declared));
    expect(listed).toHaveLength(declared.length);
  });

  it.each([
    ['/v1/images', ['GET', 'HEAD']],
    ['/', ['GET', 'HEAD']],
    ['/v1/images/', null],
    ['/health/', null],
    ['/v1/images/upload/abc', ['GET', 'HEAD', 'DELETE']],
    ['/v1/images/upload/abc/retry', ['POST']],
    ['/v1/images/upload/abc/other', null],
    ['/v1/images/upload//images', null],
    ['/v1/images/upload/', null],
    ['/v1', null],
  ])('know the methods of %s', (at, methods) => {
    expect(methodsOf(at)).toEqual(methods);
  });

  it.each([
    ['/', '/'],
    ['/v1/images/upload/abc', '/v1/images/upload/{jobId}'],
    ['/v1/images/upload/abc/other', null],
  ])('know the template of %s', (at, route) => {
    expect(routeOf(at)).toBe(route);
  });
});
