"Install `dit_nb`: everything is read from settings.ini."
from configparser import ConfigParser
from pathlib import Path
from setuptools import find_packages, setup

root = Path(__file__).resolve().parent
parser = ConfigParser(delimiters=['='])
parser.read(root/'settings.ini', encoding='utf-8')
cfg = parser['DEFAULT']
name, url = cfg['lib_name'], cfg['git_url']
readme = root/'README.md'

setup(
    name=name, version=cfg['version'], description=cfg['description'], url=url, keywords=cfg['keywords'],
    author=cfg['author'], author_email=cfg['author_email'],
    license='Apache-2.0', license_files=['LICENSE'],
    long_description=readme.read_text(encoding='utf-8') if readme.exists() else cfg['description'],
    long_description_content_type='text/markdown',
    python_requires=f">={cfg['min_python']}",
    install_requires=cfg['requirements'].split(),
    extras_require={k: cfg[f'{k}_requirements'].split() for k in ('dev', 'gguf', 'umap', 'peers')},
    packages=find_packages(include=[name, f'{name}.*']),
    package_data={name: cfg['package_data'].split()},
    entry_points={'console_scripts': cfg['console_scripts'].split(), 'nbdev': [f'{name}={name}._modidx:d']},
    classifiers=['Intended Audience :: Developers', 'Intended Audience :: Science/Research', 'Natural Language :: English',
                 'Programming Language :: Python :: 3'],
    project_urls={'Documentation': cfg['doc_host'] + cfg['doc_baseurl'], 'Source': url},
    zip_safe=False)
