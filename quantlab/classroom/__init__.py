"""A class on one link: its store, its rules and the routes that students' browsers talk to.

    store = shared()                                       # SQLite, or what QUANTLAB_DATABASE names
    opened = store.open_class(mode="follow")               # .code for students, .secret for the teacher's link
    teacher = store.teacher(opened.code, opened.secret)    # offer, pose, freeze, reveal, vote_again, view, csv, delete
    token = store.join(opened.code, "Ada")                 # a student's, kept by their browser
    store.answer(opened.code, token, Vote("rounding:2", 1, key, 3))
    store.state(opened.code, token)                        # what a student may know

What is refused is a `Refusal` with a sentence and an HTTP status; a database that does not work is a `StoreProblem`. Nothing here
knows Streamlit; importing `quantlab.classroom.routes` does not load SQLAlchemy, which the extra `class` brings.
"""
