@rem `npm start` says `exec`, so that no shell stands between npm and the service. cmd.exe has no such
@rem word, but it looks in this folder for what it does not know.
@%*
