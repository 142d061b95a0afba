/**
 * Inline commands and the words they split into, for the splitter's test and for the parity test,
 * which asks redis-server for the same.
 *
 * @module
 */

/** One row. Strings hold one byte a character. */
export interface InlineCase {
  /** What is special about the line: the title's end. */
  name: string;
  /** The line without its newline. */
  line: string;
  /** Its words, or undefined when the quotes are unbalanced. */
  want: string[] | undefined;
}

/** Each row holds in Redis too, except those with NUL bytes, where a line of Redis never ends. */
export const INLINE_CASES: InlineCase[] = [
  { name: "an empty line", line: "", want: [] },
  { name: "a blank line", line: " \t\v\f\r ", want: [] },
  { name: "one word", line: "a", want: ["a"] },
  {
    name: "words and all kinds of whitespace",
    line: " a\tb \v c\rd\f ",
    want: ["a", "b", "c", "d\f"],
  },
  { name: "\\v and \\f, which end no word", line: "a\vb c\fd", want: ["a\vb", "c\fd"] },
  { name: "bytes beyond ASCII", line: "\x80\xff \xe9", want: ["\x80\xff", "\xe9"] },
  { name: "NUL bytes", line: "a\0b \0", want: ["a\0b", "\0"] },
  { name: "NUL bytes within quotes", line: `"a\0" '\0b'`, want: ["a\0", "\0b"] },
  { name: "a backslash outside of quotes", line: "a\\n \\ \\x41", want: ["a\\n", "\\", "\\x41"] },

  { name: "double quotes", line: '"a b" "c"', want: ["a b", "c"] },
  { name: "empty double quotes", line: '"" a ""', want: ["", "a", ""] },
  { name: "a double quote within a word", line: 'a"b c" d', want: ["ab c", "d"] },
  { name: "single quotes within double quotes", line: `"it's"`, want: ["it's"] },
  { name: "the letter escapes", line: '"\\n\\r\\t\\b\\a"', want: ["\n\r\t\b\x07"] },
  { name: "escaped quotes and backslashes", line: '"\\"\\\\\\\'"', want: ["\"\\'"] },
  { name: "escapes that mean themselves", line: '"\\q\\0\\ "', want: ["q0 "] },
  { name: "hexadecimal escapes", line: '"\\x00\\xff\\xFF\\xaB1"', want: ["\x00\xff\xff\xab1"] },
  { name: "broken hexadecimal escapes", line: '"\\x4\\xg1\\x" "\\x1"', want: ["x4xg1x", "x1"] },
  { name: "an upper case X", line: '"\\X41"', want: ["X41"] },
  {
    name: "digits next to hexadecimal ones",
    line: '"\\x/0\\x0:\\x@A\\xG0\\x`a"',
    want: ["x/0x0:x@AxG0x`a"],
  },

  { name: "single quotes", line: "'a b' 'c'", want: ["a b", "c"] },
  { name: "empty single quotes", line: "'' a", want: ["", "a"] },
  { name: "a single quote within a word", line: "a'b c' d", want: ["ab c", "d"] },
  { name: "an escaped single quote", line: "'it\\'s'", want: ["it's"] },
  { name: "other backslashes in single quotes", line: "'\\n\\\\ \\x41'", want: ["\\n\\\\ \\x41"] },
  { name: "double quotes within single quotes", line: `'"'`, want: ['"'] },

  {
    name: "whitespace of each kind after a quote",
    line: `"a"\t'b'\v"c"\f'd'`,
    want: ["a", "b", "c", "d"],
  },

  { name: "an open double quote", line: 'a "b', want: undefined },
  { name: "an open single quote", line: "a 'b", want: undefined },
  { name: "a double quote alone", line: '"', want: undefined },
  { name: "a single quote alone", line: "'", want: undefined },
  { name: "a double quote that an escape keeps open", line: '"a\\"', want: undefined },
  { name: "a single quote that an escape keeps open", line: "'a\\'", want: undefined },
  { name: "a backslash at the end of an open quote", line: '"a\\', want: undefined },
  { name: "a word after a double quote", line: '"a"b', want: undefined },
  { name: "a word after a single quote", line: "'a'b", want: undefined },
  { name: "a quote after a quote", line: `"a"'b'`, want: undefined },
  { name: "three double quotes", line: '"""a"""', want: undefined },
];
