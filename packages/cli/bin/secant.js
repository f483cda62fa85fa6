#!/usr/bin/env node
// npm links a command when it installs, and the build comes later: this file is there from the start.
import '../dist/main.js'
