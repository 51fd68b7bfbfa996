"""The repair lab: what does a network need after training?"""
