#!/usr/bin/env python3
"""Writes the collation tables of src/collation/tables/ from the Unicode collation data in libicu.

Node's Intl.Collator compares but has no sort keys, no access to its tables and another ICU in every
version of Node, while index keys must not change under a store. So the weights are taken once, from
Debian's libicu72 (CLDR 42, Unicode 15.0), through its public C interface, and committed. Run it
only to move to another version of the data: every store with a collated index must then be built anew.

    apt-get install libicu72 && python3 scripts/collation-tables.py

A table is a row of unsigned LEB128 numbers, compressed with brotli, in base64; the readers are
src/collation/read-table.ts and src/collation/locale-tables.ts. Order of a table:

    pool        collation elements, sorted: count; primaries as differences; secondaries; tertiaries
    ranges      code points whose primaries rise by a fixed step: first, count, primary, step
    singles     code points: differences; number of elements; indexes into the pool
    contractions  code points in a row that have elements of their own, by first code point. A tailoring
                gives all contractions of a first code point (none: the root's are off)
    prefixes    code points that have other elements after others, in the same way
    reordering  where a run of primaries starts, and what is added to their lead byte (modulo 256)
"""
import base64
import ctypes
import pathlib
import shutil
import subprocess
import sys
import unicodedata

VERSION = '72'
i18n = ctypes.CDLL(f'libicui18n.so.{VERSION}')
uc = ctypes.CDLL(f'libicuuc.so.{VERSION}')
Pointer, Int = ctypes.c_void_p, ctypes.c_int32
Status = ctypes.POINTER(ctypes.c_int)
COMMON = 0x05000500
ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = ROOT / 'src/collation/tables'

# MongoDB's list ("Collation Locales and Default Parameters" in its manual).
LOCALES = '''
af am ar ar@collation=compat as az az@collation=search be bg bn bn@collation=traditional bo bs
bs@collation=search bs_Cyrl ca ca@collation=search chr cs cs@collation=search cy da
da@collation=search de de@collation=search de@collation=eor de@collation=phonebook de_AT
de_AT@collation=phonebook dsb dz ee el en en_US en_US_POSIX eo es es@collation=search
es@collation=traditional et fa fa_AF fi fi@collation=search fi@collation=traditional fil fo
fo@collation=search fr fr_CA ga gl gl@collation=search gu ha haw he he@collation=search hi hr
hr@collation=search hsb hu hy id ig is is@collation=search it ja ja@collation=unihan ka kk kl
kl@collation=search km kn kn@collation=traditional ko ko@collation=search ko@collation=searchjl
ko@collation=unihan kok ky lb lkt ln ln@collation=phonetic lo lt lv mk ml mn mr ms mt my nb
nb@collation=search ne nl nn nn@collation=search om or pa pl ps pt ro root ru se
se@collation=search si si@collation=dictionary sk sk@collation=search sl smn smn@collation=search
sq sr sr_Latn sr_Latn@collation=search sv sv@collation=search sw ta te th to tr
tr@collation=search ug uk ur vi vi@collation=traditional wae yi yi@collation=search yo zh
zh@collation=big5han zh@collation=gb2312han zh@collation=stroke zh@collation=unihan
zh@collation=zhuyin zh_Hant zu
'''.split()

# Tables that list tens of thousands of ideographs each get a module of their own.
LARGE = 5000


def c_function(library, name, result, *arguments):
    function = getattr(library, f'{name}_{VERSION}')
    function.restype, function.argtypes = result, arguments
    return function


ucol_open = c_function(i18n, 'ucol_open', Pointer, ctypes.c_char_p, Status)
ucol_setAttribute = c_function(i18n, 'ucol_setAttribute', None, Pointer, Int, Int, Status)
ucol_getAttribute = c_function(i18n, 'ucol_getAttribute', Int, Pointer, Int, Status)
ucol_setMaxVariable = c_function(i18n, 'ucol_setMaxVariable', None, Pointer, Int, Status)
ucol_getVariableTop = c_function(i18n, 'ucol_getVariableTop', ctypes.c_uint32, Pointer, Status)
ucol_getReorderCodes = c_function(i18n, 'ucol_getReorderCodes', Int, Pointer, Pointer, Int, Status)
ucol_openElements = c_function(i18n, 'ucol_openElements', Pointer, Pointer, ctypes.c_char_p, Int, Status)
ucol_closeElements = c_function(i18n, 'ucol_closeElements', None, Pointer)
ucol_setText = c_function(i18n, 'ucol_setText', None, Pointer, ctypes.c_char_p, Int, Status)
ucol_next = c_function(i18n, 'ucol_next', Int, Pointer, Status)
ucol_getSortKey = c_function(i18n, 'ucol_getSortKey', Int, Pointer, ctypes.c_char_p, Int, ctypes.c_char_p, Int)
ucol_getTailoredSet = c_function(i18n, 'ucol_getTailoredSet', Pointer, Pointer, Status)
ucol_getContractions = c_function(
    i18n, 'ucol_getContractionsAndExpansions', None, Pointer, Pointer, Pointer, ctypes.c_int8, Status)
uset_openEmpty = c_function(uc, 'uset_openEmpty', Pointer)
uset_getItemCount = c_function(uc, 'uset_getItemCount', Int, Pointer)
uset_getItem = c_function(uc, 'uset_getItem', Int, Pointer, Int, ctypes.POINTER(Int), ctypes.POINTER(Int),
                          ctypes.c_char_p, Int, Status)
u_getCombiningClass = c_function(uc, 'u_getCombiningClass', ctypes.c_uint8, Int)
u_charDigitValue = c_function(uc, 'u_charDigitValue', Int, Int)


def checked(function, *arguments):
    status = ctypes.c_int(0)
    result = function(*arguments, status)
    if status.value > 0:
        raise RuntimeError(f'{function.__name__}: {status.value}')
    return result


def utf16(text):
    raw = text.encode('utf-16-le', 'surrogatepass')
    return raw, len(raw) // 2


class Collator:
    """One of ICU's collators and what can be asked of it."""

    def __init__(self, locale):
        self.locale = locale
        self.handle = checked(ucol_open, locale.encode())
        self.elements = checked(ucol_openElements, self.handle, b'', 0)

    def collation_elements(self, text):
        """[(primary, secondary, tertiary with case bits and, in Japanese, quaternary bits)]"""
        elements = self.elements_of(text)
        if not self.locale.startswith('ja') or not elements:
            return elements
        self.set_attribute(5, 3)
        fourth = self.sort_key(text)[:-1].split(b'\x01')[3]
        self.set_attribute(5, 2)
        quaternaries = []
        for byte in fourth:
            if byte > 0xFC:
                quaternaries.append(byte - 0xFC)
            else:
                quaternaries += [0] * (0xFC - byte + 1 if byte > 0x8C else byte - 0x1C + 1)
        quaternaries += [0] * (len(elements) - len(quaternaries))
        return tuple((p, s, t | q << 6) for (p, s, t), q in zip(elements, quaternaries))

    def elements_of(self, text):
        raw, length = utf16(text)
        self.text = ctypes.create_string_buffer(raw + b'\0\0')
        checked(ucol_setText, self.elements, self.text.raw, length)
        found = []
        status = ctypes.c_int(0)
        while True:
            order = ucol_next(self.elements, status) & 0xFFFFFFFF
            if order == 0xFFFFFFFF:
                return tuple(found)
            if order & 0xC0 == 0xC0 and found:
                primary, secondary, tertiary = found[-1]
                found[-1] = (primary | order >> 16, secondary | (order >> 8 & 0xFF),
                             tertiary | (order & 0x3F))
            elif order:
                found.append((order & 0xFFFF0000, order & 0xFF00, (order & 0xFF) << 8))

    def attribute(self, attribute):
        return checked(ucol_getAttribute, self.handle, attribute)

    def reorders(self):
        codes = (Int * 200)()
        return checked(ucol_getReorderCodes, self.handle, codes, 200) > 0

    def set_attribute(self, attribute, value):
        checked(ucol_setAttribute, self.handle, attribute, value)

    def sort_key(self, text):
        raw, length = utf16(text)
        target = ctypes.create_string_buffer(4096)
        size = ucol_getSortKey(self.handle, raw + b'\0\0', length, target, 4096)
        return target.raw[:size]

    def variable_top(self, group):
        checked(ucol_setMaxVariable, self.handle, group)
        return checked(ucol_getVariableTop, self.handle)

    def tailored(self):
        return set_items(checked(ucol_getTailoredSet, self.handle))

    def contractions(self, with_prefixes):
        strings = uset_openEmpty()
        checked(ucol_getContractions, self.handle, strings, None, with_prefixes)
        return {decomposed(item) for item in set_items(strings) if len(item) > 1}


def set_items(handle):
    items = []
    start, end = Int(0), Int(0)
    buffer = ctypes.create_string_buffer(512)
    for i in range(uset_getItemCount(handle)):
        length = checked(uset_getItem, handle, i, start, end, buffer, 256)
        if length == 0:
            items.extend(chr(c) for c in range(start.value, end.value + 1))
        else:
            items.append(buffer.raw[:length * 2].decode('utf-16-le', 'surrogatepass'))
    return items


def decomposed(text):
    return unicodedata.normalize('NFD', text)


def is_lone(code_point):
    """Whether a code point can stand in decomposed text."""
    return not 0xD800 <= code_point <= 0xDFFF and decomposed(chr(code_point)) == chr(code_point)


def step_primary(primary, compressible, offset):
    """A three-byte primary some places further on, as ICU counts them."""
    offset += (primary >> 8 & 0xFF) - 2
    result = (offset % 254 + 2) << 8
    offset //= 254
    if compressible:
        offset += (primary >> 16 & 0xFF) - 4
        result |= (offset % 251 + 4) << 16
        offset //= 251
    else:
        offset += (primary >> 16 & 0xFF) - 2
        result |= (offset % 254 + 2) << 16
        offset //= 254
    return result | (primary & 0xFF000000) + (offset << 24)


def unassigned_primary(code_point):
    c = code_point + 1
    primary = 2 + c % 18 * 14
    c //= 18
    primary |= (2 + c % 254) << 8
    c //= 254
    return primary | (4 + c % 251) << 16 | 0xFE000000


UNASSIGNED = [(point, ((unassigned_primary(point), 0x0500, 0x0500),)) for point in (0x378, 0x379)]


class Table:
    def __init__(self):
        self.singles = {}
        self.contractions = {}
        self.prefixes = {}
        self.reordering = []

    def add_strings(self, collator, firsts, plain, prefixed):
        """The contractions of these first code points; the prefixes of these code points."""
        for first in firsts:
            self.contractions[first] = []
        for text in sorted(plain):
            if text[0] in self.contractions:
                self.contractions[text[0]].append((text[1:], collator.collation_elements(text)))
        for text in sorted(prefixed):
            before, last = text[:-1], text[-1]
            elements = collator.collation_elements(text)
            head = collator.collation_elements(before)
            assert elements[:len(head)] == head, text
            self.prefixes.setdefault(last, []).append((before, elements[len(head):]))


def contractions_of(collator):
    plain = collator.contractions(0)
    return plain, {text for text in collator.contractions(1) - plain
                   if text[:-1] and len(collator.collation_elements(text)) > 0
                   and collator.collation_elements(text)
                   != collator.collation_elements(text[:-1]) + collator.collation_elements(text[-1])}


class Numbers:
    def __init__(self):
        self.bytes = bytearray()

    def put(self, value):
        assert value >= 0
        while value > 0x7F:
            self.bytes.append(value & 0x7F | 0x80)
            value >>= 7
        self.bytes.append(value)

    def put_signed(self, value):
        self.put(value * 2 if value >= 0 else -value * 2 - 1)

    def put_text(self, text):
        self.put(len(text))
        for character in text:
            self.put(ord(character))


def find_ranges(singles, compressible):
    """Runs of code points with one common element each, whose primaries rise by the same step."""
    ranges, rest = [], {}
    points = sorted(singles)
    at = 0

    def primary_of(i):
        elements = singles[points[i]]
        if len(elements) != 1 or elements[0][1:] != (0x0500, 0x0500) or elements[0][0] & 0xFF:
            return None
        return elements[0][0]

    while at < len(points):
        start, first, best = points[at], primary_of(at), 1
        best_step = 0
        if first is not None:
            packed = (first >> 24) in compressible
            for step in range(1, 16):
                count = 1
                while (at + count < len(points) and points[at + count] == start + count
                       and primary_of(at + count) == step_primary(first, packed, count * step)):
                    count += 1
                if count > best:
                    best, best_step = count, step
        if best >= 8:
            ranges.append((start, best, first, best_step))
        else:
            best = 1
            rest[start] = singles[start]
        at += best
    return ranges, rest


def put_table(out, table, compressible):
    ranges, singles = find_ranges(table.singles, compressible)
    lists = list(singles.values())
    for strings in (table.contractions, table.prefixes):
        lists += [elements for entries in strings.values() for _, elements in entries]
    pool = sorted({element for elements in lists for element in elements})
    index = {element: i for i, element in enumerate(pool)}
    out.put(len(pool))
    before = 0
    for primary, _, _ in pool:
        out.put(primary - before)
        before = primary
    for column in (1, 2):
        for element in pool:
            out.put(element[column])
    out.put(len(ranges))
    for start, count, primary, step in ranges:
        for value in (start, count, primary, step):
            out.put(value)
    out.put(len(singles))
    before = 0
    for point in sorted(singles):
        out.put(point - before)
        before = point
    for point in sorted(singles):
        out.put(len(singles[point]))
    last = 0
    for point in sorted(singles):
        for element in singles[point]:
            out.put_signed(index[element] - last)
            last = index[element]
    for strings in (table.contractions, table.prefixes):
        out.put(len(strings))
        for first in sorted(strings):
            out.put(ord(first))
            out.put(len(strings[first]))
            for text, elements in strings[first]:
                out.put_text(text)
                out.put(len(elements))
                for element in elements:
                    out.put(index[element])
    out.put(len(table.reordering))
    for primary, added in table.reordering:
        out.put(primary)
        out.put(added)


def reordering_of(collator, points):
    """[(first primary of a run, what is added to its lead byte)], from the keys of single characters."""
    if not collator.reorders():
        return []
    collator.set_attribute(5, 0)
    collator.set_attribute(1, 21)
    leads = {}
    for point in points:
        elements = collator.collation_elements(chr(point))
        if len(elements) == 1 and elements[0][0]:
            primary = elements[0][0]
            leads[primary] = (collator.sort_key(chr(point))[0] - (primary >> 24)) & 0xFF
    runs, last = [], 0
    for primary in sorted(leads):
        if leads[primary] != last:
            runs.append((primary, leads[primary]))
            last = leads[primary]
    return runs


def write_module(name, comment, constants, numbers):
    packed = subprocess.run(
        ['node', '-e', "const z=require('node:zlib');const b=require('node:fs').readFileSync(0);"
         "process.stdout.write(z.brotliCompressSync(b,{params:{[z.constants.BROTLI_PARAM_QUALITY]:11,"
         "[z.constants.BROTLI_PARAM_LGWIN]:24}}))"],
        input=bytes(numbers.bytes), stdout=subprocess.PIPE, check=True).stdout
    text = base64.b64encode(packed).decode()
    (TARGET / f'{name}.ts').write_text(
        f'/** {comment}\n * Generated by scripts/collation-tables.py from the Unicode data in ICU {VERSION}; see NOTICE. */\n'
        f'{constants}export const {name.replace("-", "_")} =\n  \'{text}\';\n')
    print(name, len(numbers.bytes), len(packed), file=sys.stderr)


def main():
    root = Collator('root')
    root_table = Table()
    for point in range(0x110000):
        if is_lone(point):
            elements = root.collation_elements(chr(point))
            if elements != ((unassigned_primary(point), 0x0500, 0x0500),):
                root_table.singles[point] = elements
    plain, prefixed = contractions_of(root)
    root_table.add_strings(root, {text[0] for text in plain}, plain, prefixed)

    # Two characters for each lead byte: is it named once or twice in their key?
    by_lead = {}
    for point, elements in [*root_table.singles.items(), *UNASSIGNED]:
        if len(elements) == 1 and elements[0][1:] == (0x0500, 0x0500):
            by_lead.setdefault(elements[0][0] >> 24, {})[elements[0][0]] = point
    root.set_attribute(5, 0)
    compressible = set()
    for lead, points in by_lead.items():
        two = list(points.items())[:2]
        apart = b''.join(primary.to_bytes(4, 'big').rstrip(b'\0') for primary, _ in two)
        if len(two) == 2 and root.sort_key(''.join(chr(point) for _, point in two))[:-1] != apart:
            compressible.add(lead)
    root.set_attribute(5, 2)
    numeric = Collator('root')
    numeric.set_attribute(7, 17)

    out = Numbers()
    out.put(numeric.collation_elements('0')[0][0] >> 24)
    out.put(root.variable_top(0x1000))
    out.put(root.variable_top(0x1001))
    out.put(len(compressible))
    for lead in sorted(compressible):
        out.put(lead)
    digits = [c for c in range(0x110000) if u_charDigitValue(c) == 0]
    out.put(len(digits))
    for point in digits:
        out.put(point)
    classes = {}
    for point in range(0x110000):
        if u_getCombiningClass(point):
            classes[point] = u_getCombiningClass(point)
    out.put(len(classes))
    before = 0
    for point in sorted(classes):
        out.put(point - before)
        out.put(classes[point])
        before = point
    put_table(out, root_table, compressible)
    write_module('root', 'The root collation (CLDR): weights of every character, digits, combining classes.', '', out)

    # One character for each pair of first bytes: reordering moves whole pairs.
    samples = {}
    for point, elements in [*root_table.singles.items(), *UNASSIGNED]:
        if len(elements) == 1 and elements[0][0]:
            samples.setdefault(elements[0][0] >> 16, point)
    samples = samples.values()
    root_strings = {text: root.collation_elements(text) for text in plain | prefixed}

    tables, large, rows = [], [], []
    known = {}
    for locale in LOCALES:
        print(locale, end=' ', flush=True, file=sys.stderr)
        collator = Collator(locale)
        table = Table()
        strings, after = contractions_of(collator)
        for text in collator.tailored():
            text = decomposed(text)
            if len(text) == 1 and text not in table.singles:
                elements = collator.collation_elements(text)
                if elements != root_table.singles.get(ord(text)):
                    table.singles[ord(text)] = elements
        own = {text: collator.collation_elements(text) for text in strings | after}
        firsts = {text[0] for text in strings ^ plain}
        firsts |= {text[0] for text in strings & plain if own[text] != root_strings[text]}
        lasts = {text[-1] for text in after ^ prefixed}
        lasts |= {text[-1] for text in after & prefixed if own[text] != root_strings[text]}
        for last in lasts:
            table.prefixes[last] = []
        table.add_strings(collator, firsts, strings, {t for t in after if t[-1] in lasts})
        case_first = {16: 'off', 24: 'lower', 25: 'upper'}[collator.attribute(2)]
        shifted = collator.attribute(1) == 20
        # The manual's table says so of Tibetan; the data has turned it on since.
        normalization = collator.attribute(4) == 17 and locale != 'bo'
        backwards = collator.attribute(0) == 17
        table.reordering = reordering_of(collator, [*samples, *table.singles])
        numbers = Numbers()
        put_table(numbers, table, compressible)
        key = bytes(numbers.bytes)
        if key not in known:
            if len(table.singles) > LARGE:
                known[key] = f"'han{len(large)}'"
                large.append((locale, numbers))
            else:
                known[key] = len(tables)
                tables.append(numbers)
        flags = ''.join(letter for letter, on in (('u', case_first == 'upper'), ('l', case_first == 'lower'),
                        ('s', shifted), ('n', normalization), ('b', backwards)) if on)
        rows.append(f"  ['{locale}', {known[key]}, '{flags}'],")
    out = Numbers()
    out.put(len(tables))
    for numbers in tables:
        out.put(len(numbers.bytes))
        out.bytes += numbers.bytes
    write_module('tailorings', 'What locales change in the root collation.', '', out)
    for i, (locale, numbers) in enumerate(large):
        write_module(f'han{i}', f'The order of ideographs of {locale} and its like.', '', numbers)
    (TARGET / 'locales.ts').write_text(
        '/**\n * Every locale: its id, the table that tailors it (a number of tailorings.ts, or a module of ideographs),\n'
        ' * and defaults that differ: u and l caseFirst upper and lower, s alternate shifted, n normalization, b backwards.\n'
        f' * Generated by scripts/collation-tables.py from the Unicode data in ICU {VERSION}; see NOTICE.\n */\n'
        'export const locales: readonly (readonly [string, number | string, string])[] = [\n'
        + '\n'.join(rows) + '\n];\n')


if __name__ == '__main__':
    if not shutil.which('node'):
        sys.exit('needs node')
    TARGET.mkdir(parents=True, exist_ok=True)
    main()
