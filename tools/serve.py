"""Build the book, serve it on http://localhost:8000 and open a browser where there is one."""

import errno
import functools
import http.server
import os
import sys
import threading
import webbrowser

from settings import ROOT


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves files quietly, and never a page that was kept from an earlier build."""

    def end_headers(self):
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, *_):
        pass


def serve(folder, port):
    """Return a server of this folder that only this machine can reach; it is not started yet."""
    handler = functools.partial(Handler, directory=str(folder))
    return http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)


def main():
    port = os.environ.get("PORT", "8000")
    if not port.isdigit() or not 0 < int(port) < 65536:
        return f"Descent: PORT is {port!r}; it must be a number from 1 to 65535, such as 8000."
    try:
        server = serve(ROOT / "_build" / "html", int(port))
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        why = "in use by another program" if error.errno == errno.EADDRINUSE else "not allowed here"
        return (
            f"Descent: port {port} is {why} (perhaps the book is open already: "
            f"http://localhost:{port}); choose another: make book PORT={int(port) + 1}"
        )
    from build_site import build  # what it needs takes a second to load

    with server:
        if code := build(ROOT):
            return code
        address = f"http://localhost:{port}/"
        print(f"Descent: the book is at {address} (Ctrl+C ends it)", flush=True)
        if "DESCENT_NO_BROWSER" not in os.environ:
            # A daemon thread: some machines have a text browser that would wait for its reader.
            opener = threading.Thread(target=open_browser, args=(address,), daemon=True)
            opener.start()
        server.serve_forever()


def open_browser(address):
    graphical = sys.platform in ("darwin", "win32")
    if graphical or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        webbrowser.open(address)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nDescent: closed.")
