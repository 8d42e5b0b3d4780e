"Write README.md (and README_files/) from nbs/index.ipynb, without quarto."
import re, shutil
from pathlib import Path
from posixpath import normpath
import nbformat
from execnb.nbio import nb2str
from nbconvert import MarkdownExporter
from nbdev.process import NBProcessor
from nbdev.processors import clean_magics, hide_, rm_header_dash, strip_ansi, strip_hidden_metadata

root = Path(__file__).resolve().parent.parent
src, files = root/'nbs/index.ipynb', root/'README_files'

def relink(m):
    "Links of the notebook start in nbs/, those of the readme one folder above."
    pre, url, post = m.groups()
    outside = re.match(r'[a-z]+:|[#/]|README_files/|attachment:', url, re.I)
    return m[0] if outside else pre + normpath(f'nbs/{url}') + post

def plain(nb):
    "Outputs as a reader wants them: no warnings, no progress bars, no style sheets, Markdown before HTML; `echo: false` hides the source."
    nb.metadata.language_info = dict(name='python')
    for c in nb.cells:
        if c.cell_type != 'code': continue
        c.outputs = [o for o in c.outputs if o.get('name') != 'stderr']
        for o in c.outputs:
            html = o.get('data', {}).get('text/html')
            if html and 'text/markdown' in o['data']: o['data'].pop('text/html')
            elif html: o['data']['text/html'] = re.sub(r'<style.*?</style>\s*', '', html, flags=re.S)
        hidden = re.search(r'^#\|\s*echo:\s*false', c.source, re.M)
        c.source = '' if hidden else re.sub(r'^#\|.*\n?', '', c.source, flags=re.M)
    return nb

def main():
    nb = NBProcessor(src, procs=[hide_, strip_hidden_metadata, strip_ansi, clean_magics, rm_header_dash], process=True).nb
    nb = plain(nbformat.reads(nb2str(nb), as_version=4))
    md, res = MarkdownExporter().from_notebook_node(nb, resources=dict(unique_key='figure', output_files_dir=files.name))
    md = re.sub(r'(!?\[[^\]]*\]\(|<img[^>]*\bsrc=")([^)"\s]+)([)"])', relink, md)
    md = re.sub(r'```python\s*```\n', '', md)
    md = re.sub(r'\n{3,}', '\n\n', '\n'.join(o.rstrip() for o in md.splitlines())).strip()
    shutil.rmtree(files, ignore_errors=True)
    for name, data in sorted(res.get('outputs', {}).items()):
        files.mkdir(exist_ok=True)
        (files/Path(name).name).write_bytes(data)
    warn = '<!-- Written by .ci/readme.py from nbs/index.ipynb: edit that notebook, then run `make readme`. -->'
    (root/'README.md').write_text(f'{warn}\n\n{md}\n', encoding='utf-8')

if __name__ == '__main__':
    if not src.exists(): raise SystemExit(f'{src.relative_to(root)} is missing: README.md is made from it')
    main()
