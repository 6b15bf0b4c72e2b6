"""Runs one part: main.py PART WORK TOOLS."""

import pathlib
import sys

import feeds
import mail
import webhooks

part, work, tools = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
{"mail": mail.run, "webhooks": webhooks.run, "feeds": feeds.run}[part](work, tools)
