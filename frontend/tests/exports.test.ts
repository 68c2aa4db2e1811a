import { expect, test } from 'vitest';

const SOURCES = import.meta.glob<string>('../src/**/*.ts', { query: '?raw', import: 'default', eager: true });
const TESTS = import.meta.glob<string>('./*.ts', { query: '?raw', import: 'default', eager: true });

/** Stands in for knip, whose parser cannot be locked for all platforms. */
test('everything that is exported is used by another file', () => {
  const unused = Object.entries(SOURCES).flatMap(([path, source]) => {
    const names = [...source.matchAll(/^export (?:abstract |async )?(?:class|const|function|interface|type) (\w+)/gm)];
    const others = Object.entries({ ...SOURCES, ...TESTS }).filter(([other]) => other !== path);
    return names
      .map(match => match[1] as string)
      .filter(name => !others.some(([, text]) => new RegExp(`\\b${name}\\b`).test(text)))
      .map(name => `${path}: ${name}`);
  });
  expect(unused).toEqual([]);
});

test('each file is small enough to read at once', () => {
  const long = Object.entries(SOURCES).filter(([, source]) => source.split('\n').length > 180);
  expect(long.map(([path]) => path)).toEqual([]);
  const elements = Object.entries(SOURCES).filter(([path]) => path.includes('/elements/'));
  expect(elements.filter(([, source]) => source.split('\n').length > 126).map(([path]) => path)).toEqual([]);
});

test('no language stands in the code', () => {
  expect(
    Object.entries(SOURCES)
      .filter(([, source]) => /[\u4e00-\u9fff]/.test(source))
      .map(([path]) => path),
  ).toEqual([]);
});
